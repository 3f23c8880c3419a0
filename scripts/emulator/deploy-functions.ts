import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CreateFunctionCommand,
  PutFunctionConcurrencyCommand,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { functionEnvironment, type HostAddresses } from "../host/function-environment.ts";
import type { FunctionSpec } from "../host/functions.ts";
import type { AwsClients } from "./aws-clients.ts";

export type Deployment = {
  readonly clients: AwsClients;
  readonly stage: string;
  /** The folder that `npm run package` wrote. */
  readonly dist: string;
  readonly addresses: HostAddresses;
  /** Where functions ask for AWS. */
  readonly endpoint: string;
};

export const account = "000000000000";
export const role = `arn:aws:iam::${account}:role/emulated`; // emulators check no permissions: stacks/*.int.test.ts do

/** By which name a stage's function goes on AWS. */
export const deployedName = (stage: string, name: string): string => `sluice-${stage}-${name}`;

export const functionArn = (stage: string, name: string): string =>
  `arn:aws:lambda:us-east-1:${account}:function:${deployedName(stage, name)}`;

/** Lambda sets these itself and refuses them; the rest of a machine's is no function's concern there. */
const notGiven = /^(AWS_(?!ENDPOINT_URL)|NODE_COMPILE_CACHE$|PATH$|HOME$|USER$|LANG$|LC_ALL$|TMPDIR$|LD_LIBRARY_PATH$)/;

const environmentOf = (spec: FunctionSpec, { addresses, endpoint, stage }: Deployment): Record<string, string> => {
  const local = Object.entries(functionEnvironment(spec, addresses, {})).filter(([name]) => !notGiven.test(name));
  const peers = Object.entries(spec.peers ?? {}).map(([variable, name]) => [variable, deployedName(stage, name)]);
  return {
    ...Object.fromEntries(local),
    ...Object.fromEntries(peers),
    HEED_PAUSES: "true",
    AWS_ENDPOINT_URL: endpoint,
  };
};

const deployFunction = async (spec: FunctionSpec, deployment: Deployment): Promise<void> => {
  const { clients, stage, dist } = deployment;
  const FunctionName = deployedName(stage, spec.name);
  await clients.lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Role: role,
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "bundle.handler",
      Code: { ZipFile: readFileSync(join(dist, `${spec.name}.zip`)) },
      Timeout: Math.ceil(spec.timeoutMs / 1000),
      MemorySize: spec.memoryMb,
      Environment: { Variables: environmentOf(spec, deployment) },
    }),
  );
  if (spec.trigger.kind === "schedule")
    await clients.lambda.send(
      new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: spec.concurrency }),
    );
  await waitUntilFunctionActiveV2({ client: clients.lambda, maxWaitTime: 60, minDelay: 1 }, { FunctionName });
};

/** Creates the functions from the zips as `npm run package` made them. */
export const deployFunctions = async (specs: readonly FunctionSpec[], deployment: Deployment): Promise<void> => {
  await Promise.all(specs.map((spec) => deployFunction(spec, deployment)));
};
