import { ProblemError } from "./problem.ts";
import { problem } from "./problem-kinds.ts";

type MediaType = { readonly name: string; readonly parameters: ReadonlyMap<string, string> };

/** Splits at a separator that stands outside of quotes. */
const splitAt = (text: string, separator: "," | ";"): readonly string[] =>
  text.match(separator === "," ? /(?:[^",]|"(?:[^"\\]|\\.)*")+/g : /(?:[^";]|"(?:[^"\\]|\\.)*")+/g) ?? [];

const parse = (text: string): MediaType => {
  const [name = "", ...rest] = splitAt(text, ";");
  const parameters = rest.map((parameter) => {
    const at = parameter.indexOf("=");
    const value = parameter.slice(at + 1).trim();
    return [parameter.slice(0, at).trim().toLowerCase(), value.replace(/^"(.*)"$/, "$1")] as const;
  });
  return { name: name.trim().toLowerCase(), parameters: new Map(parameters) };
};

/**
 * Checks that a body is of a type that the route reads, in UTF-8 and not compressed.
 * @throws ProblemError 415
 */
export const checkContentType = (
  method: string,
  contentType: string | undefined,
  contentEncoding: string | undefined,
  allowed: readonly string[],
): void => {
  const { name, parameters } = parse(contentType ?? "");
  const charset = parameters.get("charset")?.toLowerCase() ?? "utf-8";
  const encoding = contentEncoding?.trim().toLowerCase() ?? "identity";
  if (allowed.includes(name) && charset === "utf-8" && encoding === "identity") return;
  const header = encoding === "identity" ? "Content-Type" : "Content-Encoding";
  const detail = header === "Content-Type" ? `must be ${allowed.join(" or ")}, in UTF-8` : "must be identity";
  throw new ProblemError(
    problem("unsupported-media-type", `${header} ${detail}`, {
      errors: [{ header, detail }],
      // https://www.rfc-editor.org/rfc/rfc5789#section-3.1 and https://www.w3.org/TR/ldp/#header-accept-post
      headers: { [method === "PATCH" ? "accept-patch" : "accept-post"]: allowed.join(", ") },
    }),
  );
};

/** How closely a range names a type: 3 exactly, 2 `application/*`, 1 the range of everything, 0 not at all. */
const closeness = (range: string, type: string): number => {
  if (range === type) return 3;
  if (range === `${type.slice(0, type.indexOf("/"))}/*`) return 2;
  return range === "*/*" ? 1 : 0;
};

const isAccepted = (ranges: readonly MediaType[], type: string): boolean => {
  const [best] = ranges
    .map((range) => ({ close: closeness(range.name, type), quality: Number(range.parameters.get("q") ?? 1) }))
    .filter(({ close }) => close > 0)
    .sort((a, b) => b.close - a.close);
  return best !== undefined && best.quality > 0;
};

/**
 * Checks that the caller takes the answer's type; a caller of JSON in general takes any `application/…+json` too.
 * https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
 * @throws ProblemError 406
 */
export const checkAccept = (accept: string | undefined, produces: string): void => {
  if (accept === undefined || accept.trim() === "") return;
  const ranges = splitAt(accept, ",").map(parse);
  if (isAccepted(ranges, produces) || isAccepted(ranges, "application/json")) return;
  const detail = `only ${produces} can be had here`;
  throw new ProblemError(problem("not-acceptable", detail, { errors: [{ header: "Accept", detail }] }));
};
