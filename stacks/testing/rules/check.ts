import type { Graph } from "../graph.ts";
import { alarmFindings } from "./alarm-metrics.ts";
import { isAllowed } from "./allowed.ts";
import { cloudFormationFindings } from "./cloudformation.ts";
import { uncoveredFindings } from "./coverage.ts";
import { dashboardFindings } from "./dashboards.ts";
import type { Asked, Finding } from "./finding.ts";
import { parts } from "./parts.ts";
import { policyFindings } from "./policies.ts";
import { validatorFindings } from "./provider-validators.ts";
import { realistic } from "./realistic.ts";
import { requestsOf } from "./request-models.ts";
import { scheduleFindings } from "./schedule-expressions.ts";

/** The resources of AWS in a graph, as AWS would be asked for them. */
export const asAsked = (graph: Graph): readonly Asked[] => realistic(graph).flatMap(parts);

const byResource = (resource: Asked): readonly Finding[] => [
  ...requestsOf(resource).flatMap(({ findings }) => findings),
  ...validatorFindings(resource),
  ...uncoveredFindings(resource),
  ...scheduleFindings(resource),
  ...dashboardFindings(resource),
  ...alarmFindings(resource),
];

/**
 * For each of these graphs: all that its resources break of AWS's rules, and the properties that no
 * rule covers.
 */
export const findingsOf = async (graphs: readonly (readonly Asked[])[]): Promise<readonly (readonly Finding[])[]> => {
  const [inCloudFormation, inPolicies] = await Promise.all([cloudFormationFindings(graphs), policyFindings(graphs)]);
  return graphs.map((resources, index) =>
    [...(inCloudFormation[index] ?? []), ...(inPolicies[index] ?? []), ...resources.flatMap(byResource)].filter(
      (finding) => !isAllowed(finding, resources),
    ),
  );
};
