import { type PartName, partNames, type Way } from "./part.ts";

type Known = {
  readonly given: Partial<Record<PartName, string>>;
  /** The ways of the parts of this stack that run already. */
  readonly running: Partial<Record<PartName, Exclude<Way, "given">>>;
  readonly dockerAnswers: boolean;
};

/** Each part goes its own way: where its address is given, as it already runs, by compose when Docker answers, else embedded. */
export const chooseWays = (known: Known): Record<PartName, Way> => {
  const choose = (part: PartName): Way =>
    known.given[part] !== undefined ? "given" : (known.running[part] ?? (known.dockerAnswers ? "docker" : "embedded"));
  return Object.fromEntries(partNames.map((part) => [part, choose(part)])) as Record<PartName, Way>;
};

const title: Record<Way, string> = { given: "given", docker: "by Docker compose", embedded: "embedded" };

/** One line that says which part goes which way. */
export const sayWays = (ways: Record<PartName, Way>): string =>
  [...Map.groupBy(partNames, (part) => ways[part])]
    .map(([way, parts]) => `${parts.join(", ")} ${title[way]}`)
    .join("; ");
