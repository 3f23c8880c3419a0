import { declared } from "./cloudformation.ts";
import type { Asked, Finding } from "./finding.ts";
import { requestsOf } from "./request-models.ts";
import { reasonOf } from "./uncovered.ts";

const isUnder = (property: string, unknown: readonly string[]): boolean =>
  unknown.some((each) => property === each || property.startsWith(`${each}.`));

/** The properties of which no source says anything, unless a reason is listed. */
export const uncoveredFindings = (resource: Asked): readonly Finding[] => {
  const { type, name } = resource;
  const inCloudFormation = declared(resource);
  const translations = [
    ...(inCloudFormation ? [inCloudFormation.translation] : []),
    ...requestsOf(resource).map(({ translation }) => translation),
  ];
  const unknown = translations.map((each) => each.unknown);
  const inNone =
    translations.length === 0
      ? [""]
      : [...new Set(unknown.flat())].filter((property) => unknown.every((of) => isUnder(property, of)));
  return inNone
    .filter((property) => reasonOf(type, property) === undefined)
    .map((property) => ({
      type,
      resource: name,
      property,
      rule: property === "" ? "no source knows this type" : "no source knows this property",
      source: "list it with a reason in stacks/testing/rules/uncovered.ts, or name it in property-names.ts",
    }));
};
