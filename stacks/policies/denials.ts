import { productCommandGroup } from "../../shared/catalogue/groups.ts";
import type { KafkaPolicies } from "./kafka.ts";
import { denyMappingOf } from "./mapping.ts";
import type { Statement } from "./statement.ts";

/**
 * SST attaches AWSLambdaVPCAccessExecutionRole, which allows a function to make log groups. Each
 * group is there before its function. A function that writes its last lines after `sst remove`
 * would make its group again, and the next deploy would find the name taken.
 */
const denyLogGroups: Statement = { effect: "deny", actions: ["logs:CreateLogGroup"], resources: ["*"] };

/**
 * What is denied to every function's role, beside what it is not given: a later mistake in a policy is caught here.
 * The first of them every other role of the stacks has too: stacks/service-role.ts, stacks/policies/operators.ts.
 * The command consumer's own role has to alter its group, as joining is that; so it alone is not denied it.
 */
export const denials = (name: string, kafka: KafkaPolicies): readonly Statement[] => [
  denyMappingOf(productCommandGroup.functionName),
  kafka.denyDeletion,
  denyLogGroups,
  ...(name === productCommandGroup.functionName ? [] : [kafka.denyGroup(productCommandGroup.groupId)]),
];
