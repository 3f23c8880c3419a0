import type { Inputs } from "../graph.ts";
import type { Asked } from "./finding.ts";

/** A route table's routes are resources of their own to AWS. */
const routesOf = ({ name, inputs }: Asked): readonly Asked[] =>
  ((inputs["routes"] ?? []) as readonly Inputs[]).map((route) => ({
    type: "aws:ec2/route:Route",
    name,
    inputs: { ...route, routeTableId: "rtb-00000000000000001" },
  }));

/** What Pulumi makes as one resource and AWS as several. */
export const parts = (resource: Asked): readonly Asked[] => {
  if (resource.type !== "aws:ec2/routeTable:RouteTable") return [resource];
  const { routes: _, ...inputs } = resource.inputs;
  return [{ ...resource, inputs }, ...routesOf(resource)];
};
