import type { Inputs } from "../graph.ts";
import type { Asked } from "./finding.ts";

/** A route table's routes are resources of their own to AWS. */
const routesOf = ({ name, inputs }: Asked): readonly Asked[] =>
  ((inputs["routes"] ?? []) as readonly Inputs[]).map((route) => ({
    type: "aws:ec2/route:Route",
    name,
    inputs: { ...route, routeTableId: "rtb-00000000000000001" },
  }));

type Notification = Inputs & {
  readonly subscriberEmailAddresses?: readonly string[];
  readonly subscriberSnsTopicArns?: readonly string[];
};

/** A budget's filters are a map to AWS, and each notification has its subscribers beside it. */
const budget = ({ inputs, ...resource }: Asked): Asked => {
  const filters = (inputs["costFilters"] ?? []) as readonly { readonly name: string; readonly values: unknown }[];
  const notifications = (inputs["notifications"] ?? []) as readonly Notification[];
  const told = ({ subscriberEmailAddresses = [], subscriberSnsTopicArns = [], ...notification }: Notification) => ({
    notification,
    subscribers: [
      ...subscriberEmailAddresses.map((address) => ({ subscriptionType: "EMAIL", address })),
      ...subscriberSnsTopicArns.map((address) => ({ subscriptionType: "SNS", address })),
    ],
  });
  return {
    ...resource,
    inputs: {
      ...inputs,
      costFilters: Object.fromEntries(filters.map(({ name, values }) => [name, values])),
      notifications: notifications.map(told),
    },
  };
};

/** What Pulumi makes as one resource and AWS as several. */
export const parts = (resource: Asked): readonly Asked[] => {
  if (resource.type === "aws:budgets/budget:Budget") return [budget(resource)];
  if (resource.type !== "aws:ec2/routeTable:RouteTable") return [resource];
  const { routes: _, ...inputs } = resource.inputs;
  return [{ ...resource, inputs }, ...routesOf(resource)];
};
