/** What a stage consists of, as far as the program said it. */
export type Inputs = { readonly [name: string]: unknown };
/** How Pulumi treats a resource, whatever AWS knows of it. */
export type ResourceOptions = {
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
  /** The names of those that are made before it. */
  readonly dependsOn: readonly string[];
};
export type GraphResource = {
  readonly type: string;
  readonly name: string;
  readonly inputs: Inputs;
  readonly options: ResourceOptions;
  /** The names that the deploy would give it besides: rules/automatic-names.ts. */
  readonly named: Inputs;
};
export type BuiltFunction = {
  /** `ProductEventConsumer` */
  readonly functionID: string;
  readonly handler: string;
  /** What it is linked to, by name. */
  readonly links: Readonly<Record<string, unknown>>;
  readonly copyFiles?: readonly { readonly to: string }[];
};
export type Graph = { readonly resources: readonly GraphResource[]; readonly built: readonly BuiltFunction[] };

/** `lambda/function:Function` of the provider for AWS. */
export const ofType = (graph: Graph, type: string): readonly GraphResource[] =>
  graph.resources.filter((resource) => resource.type === `aws:${type}`);

export const only = <T>(found: readonly T[], what: string): T => {
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`there are ${found.length} ${what}, not one`);
  return first;
};

/** A function as it is deployed. */
export type DeployedFunction = {
  /** Its folder below `functions/`. */
  readonly name: string;
  readonly arn: string;
  readonly component: string;
  readonly inputs: Inputs;
  readonly environment: Readonly<Record<string, string>>;
  readonly links: readonly string[];
};

export const functionsOf = (graph: Graph): readonly DeployedFunction[] =>
  ofType(graph, "lambda/function:Function").map(({ name: resourceName, inputs }) => {
    const component = resourceName.replace(/Function$/, "");
    const built = only(
      graph.built.filter(({ functionID }) => functionID === component),
      `builds of ${component}`,
    );
    const environment = (inputs["environment"] as { variables: Record<string, string> }).variables;
    return {
      name: built.handler.replace(/^functions\/(.+)\/handler\.handler$/, "$1"),
      arn: `arn:aws:lambda:eu-central-1:123456789012:function:${inputs["name"]}`,
      component,
      inputs,
      environment,
      links: Object.keys(built.links),
    };
  });

export const functionNamed = (graph: Graph, name: string): DeployedFunction =>
  only(
    functionsOf(graph).filter((each) => each.name === name),
    `functions named ${name}`,
  );
