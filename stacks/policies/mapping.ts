import { functionArn } from "../account.ts";
import type { Statement } from "./statement.ts";

const changes = [
  "lambda:CreateEventSourceMapping",
  "lambda:DeleteEventSourceMapping",
  "lambda:UpdateEventSourceMapping",
];

/**
 * No role that the stacks make may change the mapping of this function, whatever else it is ever given: a deny beats every allow.
 * Named by the function, as the mapping's id is not known before the role; and on `*`, as one that is to be made has no ARN yet.
 */
export const denyMappingOf = (name: string): Statement => ({
  effect: "deny",
  actions: changes,
  resources: ["*"],
  conditions: [{ test: "ArnEquals", variable: "lambda:FunctionArn", values: [functionArn(name)] }],
});

/** Turning a mapping off and on again, and nothing else of it. */
export const switchMapping = (mapping: aws.lambda.EventSourceMapping): Statement => ({
  actions: ["lambda:GetEventSourceMapping", "lambda:UpdateEventSourceMapping"],
  resources: [mapping.arn],
});

/** Reads only, and IAM knows no resource for it. */
export const listMappings: Statement = { actions: ["lambda:ListEventSourceMappings"], resources: ["*"] };
