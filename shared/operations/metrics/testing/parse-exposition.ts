/** One family of an exposition; each series by its name and labels as they are written. */
export type ParsedFamily = {
  readonly help: string;
  readonly type: string;
  readonly series: ReadonlyMap<string, number>;
};

const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"/g;
const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;

const familyName = (name: string, type: string | undefined): string =>
  type === "histogram" ? name.replace(/_(bucket|sum|count)$/, "") : name;

const seriesOf = (text: string): readonly [name: string, series: string, value: number] => {
  const [, name = "", labels = "", value = ""] = line.exec(text) ?? [];
  if (name === "" || Number.isNaN(Number(value))) throw new SyntaxError(`not a sample: ${text}`);
  if (labels.replaceAll(label, "").replaceAll(",", "") !== "") throw new SyntaxError(`not labels: ${text}`);
  return [name, text.slice(0, text.lastIndexOf(" ")), Number(value)];
};

/**
 * Reads Prometheus' text format, and refuses what Prometheus would refuse or take for something else: a sample before its TYPE, a series
 * twice, a family in two places.
 */
export const parseExposition = (text: string): ReadonlyMap<string, ParsedFamily> => {
  const families = new Map<string, { help: string; type: string; series: Map<string, number> }>();
  let help: readonly [name: string, text: string] = ["", ""];
  let current = "";
  for (const each of text.split("\n").filter(Boolean)) {
    const [, kind, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(each) ?? [];
    if (kind === "HELP") help = [name, rest];
    if (kind === "TYPE") {
      if (families.has(name) || help[0] !== name) throw new SyntaxError(`twice, or without HELP: ${name}`);
      families.set(name, { help: help[1], type: rest, series: new Map() });
      current = name;
    }
    if (kind !== undefined) continue;
    const [sampled, series, value] = seriesOf(each);
    const family = families.get(current);
    if (familyName(sampled, family?.type) !== current || family === undefined || family.series.has(series))
      throw new SyntaxError(`out of place: ${each}`);
    family.series.set(series, value);
  }
  return families;
};
