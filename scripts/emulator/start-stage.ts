import { join } from "node:path";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { HostAddresses } from "../host/function-environment.ts";
import { type FunctionSpec, functions } from "../host/functions.ts";
import { claimHostFile } from "../host/host-file.ts";
import { lambdaEnvironment } from "../host/lambda-api/lambda-environment.ts";
import { type MappingEndpoint, type Pollers, startMappingEndpoint } from "../host/lambda-api/mapping-endpoint.ts";
import { pollersOf } from "../host/lambda-api/pollers.ts";
import { type LogSink, logAs } from "../host/log.ts";
import type { Mapping } from "../host/poller/mapping.ts";
import { startHost } from "../host/run-host.ts";
import { packageFunctions } from "../package/package-functions.ts";
import { stackPaths } from "../stack/paths.ts";
import { freePort } from "../stack/ports.ts";
import { emulatorClients } from "./aws-clients.ts";
import { type Deployment, deployedName, deployFunctions, functionArn } from "./deploy-functions.ts";
import { type DeployedMachine, deployStateMachines } from "./deploy-state-machines.ts";
import { deployHttpApi, deploySchedules } from "./deploy-triggers.ts";
import type { Emulator } from "./find-emulator.ts";
import { lambdaPool } from "./lambda-pool.ts";
import type { RunningEmulator } from "./start-emulator.ts";
import { startLocalstack } from "./start-localstack.ts";
import { startMinistack } from "./start-ministack.ts";

/** The whole system on an emulated AWS, until it is stopped. */
export type EmulatedStage = {
  readonly stage: string;
  /** Of the HTTP API. */
  readonly url: string;
  /** With which a program finds the stage. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
};

export type StageOptions = {
  readonly emulator: Exclude<Emulator, { kind: "none" }>;
  readonly stage: string;
  /** The local stack that it works on, and the addresses of its parts. */
  readonly stack: string;
  readonly addresses: HostAddresses;
  readonly log: LogSink;
};

/** What a stage tells of itself: the tool finds the rest by it. */
const deployParameters = async (
  machines: readonly DeployedMachine[],
  { clients, stage }: Deployment,
): Promise<void> => {
  const values = new Map([
    ...functions.map(({ name }) => [`functions/${name}`, deployedName(stage, name)] as const),
    ["operations-function", deployedName(stage, "operations")],
    ...machines.map(({ name, arn }) => [`${name}-state-machine`, arn] as const),
  ]);
  await Promise.all(
    [...values].map(([name, Value]) =>
      clients.parameters.send(new PutParameterCommand({ Name: `/sluice/${stage}/${name}`, Value, Type: "String" })),
    ),
  );
};

/**
 * What each deployment does before anything else of it runs: schema, topics, indexes.
 * @throws SluiceError `not-provisioned`
 */
const provisionStage = async ({ clients, stage }: Deployment): Promise<void> => {
  const FunctionName = deployedName(stage, "provision");
  const { FunctionError, Payload } = await clients.lambda.send(
    new InvokeCommand({ FunctionName, Payload: Buffer.from("{}") }),
  );
  if (FunctionError !== undefined)
    throw new SluiceError("not-provisioned", `provision failed: ${Buffer.from(Payload ?? []).toString()}`);
};

/** The publisher runs on from one minute to the next; a deployment need not wait for the first. */
const startPublisher = async ({ clients, stage }: Deployment): Promise<void> => {
  const FunctionName = deployedName(stage, "outbox-publisher");
  await clients.lambda.send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload: Buffer.from("{}") }));
};

/** The pollers of the consumers, each invoking its function through Lambda. */
const startMappings = (consumers: readonly FunctionSpec[], deployment: Deployment, log: LogSink) =>
  startHost({
    ...{ addresses: deployment.addresses, functions: consumers, port: 0, log },
    startPool: ({ spec: { name }, onLine, log: poolLog }) => {
      const functionName = deployedName(deployment.stage, name);
      return lambdaPool({ name, functionName, client: deployment.clients.lambda, onLine, log: poolLog });
    },
  });

type Stoppable = { stop(): Promise<unknown> };

const stopAll = async (opened: Stoppable[]): Promise<void> => {
  for (const each of opened.reverse()) await each.stop();
};

/**
 * The one endpoint of the emulated AWS: mappings by the pollers, Step Functions and SSM by
 * LocalStack where it can be had, all else by MiniStack. LocalStack's tasks invoke their functions
 * through it, too.
 */
const startFront = async (
  { emulator, stage, stack }: StageOptions,
  pollers: Pollers,
  opened: Stoppable[],
): Promise<MappingEndpoint> => {
  const started = async <Each extends Stoppable>(starting: Promise<Each>): Promise<Each> => {
    const each = await starting;
    opened.push(each);
    return each;
  };
  const arnOf = (name: string) => functionArn(stage, name);
  if (emulator.kind === "given") return started(startMappingEndpoint({ emulator: emulator.endpoint, arnOf, pollers }));
  const { endpoint } = await started<RunningEmulator>(startMinistack(emulator.python, stack));
  const { localstack } = emulator;
  if (localstack.kind === "none") return started(startMappingEndpoint({ emulator: endpoint, arnOf, pollers }));
  const port = await freePort();
  const other = `http://127.0.0.1:${port}`;
  const emulatorOf = { states: other, ssm: other };
  const front = await started(startMappingEndpoint({ emulator: endpoint, emulatorOf, arnOf, pollers }));
  await started(startLocalstack({ python: localstack.python, stack, port, lambdaEndpoint: front.url }));
  return front;
};

const open = async (options: StageOptions, opened: Stoppable[]): Promise<Omit<EmulatedStage, "stop">> => {
  const { stage, stack, addresses, log } = options;
  const dist = join(stackPaths(stack).state, "dist");
  await packageFunctions(dist);
  let mappings: readonly Mapping[] = [];
  const front = await startFront(
    options,
    pollersOf(() => mappings),
    opened,
  );
  const deployment = { clients: emulatorClients(front.url), stage, dist, addresses, endpoint: front.url };
  await deployFunctions(functions, deployment);
  await provisionStage(deployment);
  const machines = await deployStateMachines(
    functions.map(({ name }) => name),
    deployment,
  );
  const [{ url }] = await Promise.all([
    deployHttpApi(functions, deployment),
    deploySchedules(functions, deployment),
    deployParameters(machines, deployment),
    startPublisher(deployment),
  ]);
  const consumers = functions.filter(({ trigger }) => trigger.kind === "kafka");
  const hostFile = claimHostFile(
    stack,
    consumers.map(({ name }) => name),
  );
  opened.push({ stop: async () => hostFile.remove() });
  const host = await startMappings(consumers, deployment, log);
  opened.push(host);
  mappings = host.mappings;
  const { controlUrl, controlToken } = host;
  hostFile.complete({ url: undefined, controlUrl, controlToken, functions: consumers.map(({ name }) => name) });
  logAs(log, "host").info(`stage ${stage} is deployed on ${front.url}, its API answers at ${url}`);
  return { stage, url, environment: lambdaEnvironment(front.url) };
};

/**
 * Packages the functions, deploys the zips with what invokes them, and starts the pollers of the consumers.
 * @throws SluiceError `emulator-failed`, `emulator-refused`, `host-runs`
 */
export const startStage = async (options: StageOptions): Promise<EmulatedStage> => {
  const opened: Stoppable[] = [];
  try {
    const opening = await open(options, opened);
    return { ...opening, stop: () => stopAll(opened) };
  } catch (fault) {
    await stopAll(opened);
    throw fault;
  }
};
