import type { Statement } from "./statement.ts";

const written = ({ effect = "allow", actions, resources, conditions }: Statement) => ({
  Effect: effect === "allow" ? "Allow" : "Deny",
  Action: actions,
  Resource: resources,
  ...(conditions && {
    Condition: Object.fromEntries(conditions.map(({ test, variable, values }) => [test, { [variable]: values }])),
  }),
});

/** Statements as IAM's own document, where SST writes none. */
export const documentOf = (statements: readonly Statement[]) =>
  $jsonStringify({ Version: "2012-10-17", Statement: statements.map(written) });
