import { ProblemError } from "./problem.ts";
import { problem } from "./problem-kinds.ts";

/** The strong entity tag of a version: `"7"`. */
export const etagOf = (version: number): string => `"${version}"`;

/** The weak entity tag of a version that stays the same while details change: `W/"7"`. It never matches an `If-Match`. */
export const weakEtagOf = (version: number): string => `W/${etagOf(version)}`;

/** `opaque-tag` of https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3; a comma may stand inside. */
const tag = /^\s*(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|$)/;

type EntityTag = { readonly weak: boolean; readonly value: string };

/** The entity tags of a list, or undefined when it is malformed. */
const parseTags = (header: string): readonly EntityTag[] | undefined => {
  const tags: EntityTag[] = [];
  let rest = header.trim().replace(/,$/, "");
  while (rest !== "") {
    const found = tag.exec(rest);
    if (found === null) return undefined;
    tags.push({ weak: found[1] !== undefined, value: found[2] ?? "" });
    rest = rest.slice(found[0].length);
  }
  return tags.length > 0 ? tags : undefined;
};

const invalid = (detail: string): ProblemError =>
  new ProblemError(problem("invalid-request", detail, { errors: [{ header: "If-Match", detail }] }));

/**
 * The versions of which the resource must have one, by `If-Match`; undefined for `*`, which any will do.
 * A tag that is well-formed but none of ours stands for a version that never was.
 * @throws ProblemError 428 when the header is missing; 400 when it is malformed or has a weak tag, which never matches here
 */
export const expectedVersions = (ifMatch: string | undefined): readonly number[] | undefined => {
  if (ifMatch === undefined)
    throw new ProblemError(
      problem("if-match-required", "send If-Match with the ETag that the change is based on, or *", {
        errors: [{ header: "If-Match", detail: "is required" }],
      }),
    );
  if (ifMatch.trim() === "*") return undefined;
  const tags = parseTags(ifMatch);
  if (tags === undefined) throw invalid('must be "*" or a list of entity tags in quotes');
  if (tags.some(({ weak }) => weak)) throw invalid("must not have a weak entity tag");
  return tags.flatMap(({ value }) => (/^[1-9]\d{0,14}$/.test(value) ? [Number(value)] : []));
};

/** True when `If-None-Match` names this version, so that 304 answers it. What is malformed matches nothing. */
export const isNotModified = (ifNoneMatch: string | undefined, version: number): boolean =>
  ifNoneMatch !== undefined &&
  (ifNoneMatch.trim() === "*" || (parseTags(ifNoneMatch)?.some(({ value }) => value === String(version)) ?? false));
