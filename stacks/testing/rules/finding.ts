import type { GraphResource } from "../graph.ts";

/** A resource as AWS would be asked for it. */
export type Asked = Pick<GraphResource, "type" | "name" | "inputs">;

/** One place in which the graph breaks a rule of AWS. */
export type Finding = {
  /** `aws:rds/proxy:Proxy` */
  readonly type: string;
  /** The resource's name in the program. */
  readonly resource: string;
  /** As the program writes it: `target.arn`, `routes.0.cidrBlock`. */
  readonly property: string;
  /** What is asked for. */
  readonly rule: string;
  /** Who asks for it: a schema, a request model, a file of the provider, a page. */
  readonly source: string;
};

export const told = ({ type, resource, property, rule, source }: Finding): string =>
  `${type} ${resource}: ${property}: ${rule} (${source})`;
