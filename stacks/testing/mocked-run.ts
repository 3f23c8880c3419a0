import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { automaticNames } from "./rules/automatic-names.ts";

/**
 * What runs inside the bundled program: SST's own `run` under Pulumi's mocks. Every resource is written down as it would be asked for;
 * nothing is. Answers to lookups are made up here, and marked, so that a secret can be found wherever it turns up.
 */
const account = "123456789012";
const region = "eu-central-1";

type Inputs = Record<string, unknown>;
type Resource = { type: string; name: string; inputs: Inputs };

/** The bundle lies in SST's platform, beside its packages. */
const provider = fileURLToPath(new URL("node_modules/@pulumi/aws", import.meta.url));

const resources: (Resource & { named: Inputs })[] = [];
const built: unknown[] = [];
const options: Record<string, unknown> = {};

/** By the provider's type: the service, and the part of the ARN behind the account. */
const arnParts: Readonly<Record<string, (name: string) => readonly [service: string, path: string]>> = {
  "apigatewayv2/api:Api": (name) => ["apigateway", `/apis/${name}`],
  "cloudwatch/logGroup:LogGroup": (name) => ["logs", `log-group:${name}`],
  "cloudwatch/metricAlarm:MetricAlarm": (name) => ["cloudwatch", `alarm:${name}`],
  "cognito/userPool:UserPool": (name) => ["cognito-idp", `userpool/${region}_${name.replace(/\W/g, "")}`],
  "iam/instanceProfile:InstanceProfile": (name) => ["iam", `instance-profile/${name}`],
  "iam/policy:Policy": (name) => ["iam", `policy/${name}`],
  "iam/role:Role": (name) => ["iam", `role/${name}`],
  "lambda/eventSourceMapping:EventSourceMapping": (name) => ["lambda", `event-source-mapping:${name}`],
  "lambda/function:Function": (name) => ["lambda", `function:${name}`],
  "msk/cluster:Cluster": (name) => ["kafka", `cluster/${name}/0000-0`],
  "msk/configuration:Configuration": (name) => ["kafka", `configuration/${name}/0000-0`],
  "msk/serverlessCluster:ServerlessCluster": (name) => ["kafka", `cluster/${name}/0000-0`],
  "opensearch/domain:Domain": (name) => ["es", `domain/${name}`],
  "rds/cluster:Cluster": (name) => ["rds", `cluster:${name}`],
  "rds/proxy:Proxy": () => ["rds", "db-proxy:prx-0123456789abcdef0"], // its id, not its name
  "scheduler/schedule:Schedule": (name) => ["scheduler", `schedule/default/${name}`],
  "secretsmanager/secret:Secret": (name) => ["secretsmanager", `secret:${name}-AbCdEf`],
  "sfn/stateMachine:StateMachine": (name) => ["states", `stateMachine:${name}`],
  "sns/topic:Topic": (name) => ["sns", name],
  "ssm/parameter:Parameter": (name) => ["ssm", `parameter${name}`],
};

const arnOf = ({ type, name }: Resource, given: unknown): string => {
  const parts = arnParts[type.replace(/^aws:/, "")];
  const [service, path] = parts?.(String(given)) ?? [type.split(/[:/]/)[1] ?? "", name];
  return `arn:aws:${service}:${service === "iam" ? "" : region}:${account}:${path}`;
};

/**
 * What AWS would add to a resource, as far as the stacks read it. `inputs` have the names that
 * Pulumi gives.
 */
const stateOf = (resource: Resource): Inputs => {
  const { type, name, inputs } = resource;
  const given = inputs["name"] ?? inputs["clusterName"] ?? inputs["domainName"] ?? inputs["clusterIdentifier"] ?? name;
  const made: Inputs = {
    arn: arnOf(resource, given),
    name: given,
    endpoint: `${name.toLowerCase()}.example`,
  };
  if (type === "aws:msk/configuration:Configuration") made["latestRevision"] = 1;
  if (type.startsWith("random:")) Object.assign(made, { result: `secret-of-${name}`, base64: `key-of-${name}` });
  if (type === "aws:opensearch/domain:Domain") made["domainId"] = `${account}/${inputs["domainName"]}`;
  if (type.startsWith("aws:msk/")) made["bootstrapBrokersSaslIam"] = "b-1.example:9098,b-2.example:9098";
  if (type === "aws:rds/cluster:Cluster")
    Object.assign(made, { clusterResourceId: "cluster-ABCDEFGHIJKL01234", endpoint: "database.cluster-abc.example" });
  if (type.startsWith("aws:lambda/eventSourceMapping")) made["uuid"] = `uuid-of-${name}`;
  if (type === "aws:acm/certificate:Certificate")
    made["domainValidationOptions"] = [
      { resourceRecordType: "CNAME", resourceRecordName: "_1", resourceRecordValue: "_2" },
    ];
  if (type.startsWith("aws:apigatewayv2/api:"))
    made["executionArn"] = `arn:aws:execute-api:${region}:${account}:a1b2c3d4e5`;
  return { ...made, ...inputs };
};

const answers: Readonly<Record<string, (inputs: Inputs) => Inputs>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({ accountId: account }),
  "aws:index/getPartition:getPartition": () => ({ partition: "aws" }),
  "aws:index/getRegion:getRegion": () => ({ region, name: region }),
  "aws:index/getAvailabilityZones:getAvailabilityZones": () => ({
    id: region,
    names: (process.env["MOCKED_ZONES"] ?? "a,b,c").split(",").map((zone) => region + zone),
  }),
  "aws:iam/getPolicyDocument:getPolicyDocument": (inputs) => ({ ...inputs, json: JSON.stringify(inputs) }),
  "aws:rds/getEngineVersion:getEngineVersion": ({ version }) => ({ version: `${version}.7` }),
};

const call = ({ token, inputs }: { token: string; inputs: Inputs }): Inputs => {
  const answer = answers[token];
  if (!answer) throw new Error(`the mocks have no answer to ${token}`);
  return answer(inputs);
};

/** Pulumi marks a secret by wrapping it, and whatever was made of one; the mark is of no concern here, the value is. */
const unwrapped = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== "object" || value === null) return value;
  if ("4dabf18193072939515e22adb298388d" in value) return unwrapped((value as unknown as { value: unknown }).value);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, unwrapped(each)]));
};

const newResource = ({ type, name, inputs }: Resource) => {
  const resource = { type, name, inputs: unwrapped(inputs) as Inputs };
  const named = automaticNames(provider, resource);
  resources.push({ ...resource, named });
  return { id: `${name}-id`, state: stateOf({ ...resource, inputs: { ...named, ...resource.inputs } }) };
};

/** SST's own server, which the program asks for what Pulumi does not do: where assets lie, and to bundle a function. */
const answerRpc = (method: string, input: unknown, folder: string): unknown => {
  if (method === "Provider.Aws.Bootstrap")
    return { asset: "assets", state: "state", assetEcrUrl: "", assetEcrRegistryId: "" };
  if (method !== "Runtime.Build") throw new Error(`rpc: can't find ${method}`);
  built.push(input);
  return { handler: "bundle.handler", out: folder, errors: [], sourcemaps: [] };
};

const serveRpc = async (folder: string) => {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { method, params } = JSON.parse(body);
    try {
      response.end(JSON.stringify({ result: answerRpc(method, params[0], folder) }));
    } catch (error) {
      response.end(JSON.stringify({ error: String((error as Error).message) }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  process.env["SST_SERVER"] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return server;
};

const withOptions = (resource: Resource) => ({ ...resource, options: options[`${resource.type} ${resource.name}`] });

const namesOf = (dependsOn: unknown): readonly string[] =>
  [dependsOn ?? []].flat().map((each) => (each as { __name?: string }).__name ?? "a component");

/**
 * Pulumi's mocks are told a resource's inputs and none of its options. A transformation sees both.
 */
const noteOptions = (): void => {
  $util.runtime.registerStackTransformation(({ type, name, opts }) => {
    const { protect = false, ignoreChanges = [], retainOnDelete = false } = opts;
    const dependsOn = namesOf((opts as { dependsOn?: unknown }).dependsOn);
    options[`${type} ${name}`] = { protect, ignoreChanges, retainOnDelete, dependsOn };
    return undefined;
  });
};

/** Runs the program and writes its graph to `file`; `folder` stands for a bundled function. */
export const mockedRun = async (run: () => Promise<unknown>, file: string, folder: string): Promise<void> => {
  const server = await serveRpc(folder);
  await $util.runtime.setMocks({ newResource, call }, $app.name, $app.stage, false);
  await $util.runtime.runInPulumiStack(() => {
    noteOptions();
    return run();
  });
  await $util.runtime.disconnect();
  server.close();
  writeFileSync(file, JSON.stringify({ resources: resources.map(withOptions), built }));
};
