import { inject } from "vitest";
import { productProjectionGroup } from "../../../shared/catalogue/product-projection.ts";
import { topics } from "../../../shared/catalogue/topics.ts";
import { fromMskEvent } from "../../../shared/kafka/msk-event.ts";
import type { InboundRecord } from "../../../shared/messaging/record.ts";
import { silentLog } from "../../../shared/observability/logger.ts";
import { connect } from "../../../shared/postgres/connect.ts";
import { createDatabase } from "../../../shared/testing/database.ts";
import { withAdmin } from "../../../shared/testing/kafka-topic.ts";
import { deployedName, functionArn } from "../../emulator/deploy-functions.ts";
import { functionEnvironment, type HostAddresses } from "../../host/function-environment.ts";
import { type FunctionSpec, selectFunctions } from "../../host/functions.ts";
import { lambdaEnvironment } from "../../host/lambda-api/lambda-environment.ts";
import { startMappingEndpoint } from "../../host/lambda-api/mapping-endpoint.ts";
import { pollersOf } from "../../host/lambda-api/pollers.ts";
import { createMapping } from "../../host/poller/mapping.ts";
import { type FunctionPool, startFunctionPool } from "../../host/process/function-pool.ts";
import { succeed } from "../../host/testing/poller-fixture.ts";
import { runSluice } from "../run-sluice.ts";
import { tool } from "../tool.ts";
import { localMachine, type TaskRunner } from "./local-executions.ts";
import { openLocalstackMachines } from "./localstack-executions.ts";
import { memoryTerminal } from "./memory-terminal.ts";
import { startStageEndpoint } from "./stage-endpoint.ts";

const stage = "test";
const consumer = "product-event-consumer";
const deployed = ["operations", "replay", "dlq-republish", "outbox-publisher"];
const machineArn = (name: string) => `arn:aws:states:us-east-1:000000000000:stateMachine:${deployedName(stage, name)}`;

export type StageOptions = {
  /** Of the functions, where theirs are too long for a test. */
  readonly timeoutsMs?: Readonly<Record<string, number>>;
};

/** What a test may put in the way. */
export type Obstacles = {
  /** Before a task of a state machine is invoked; what it throws is the invocation's end. */
  onTask: (state: string, payload: unknown) => unknown;
  /** What the consumer does with a batch. */
  onBatch: (records: readonly InboundRecord[]) => unknown;
  /** The mapping is gone. */
  noMapping: boolean;
};

/** The whole stack has one group and one topic of this name; one file at a time works with them. */
const takeGroup = async () => {
  const db = connect({ url: inject("stack").databaseUrl, max: 1, queryTimeoutMs: 600_000 });
  const { promise, resolve } = Promise.withResolvers<void>();
  const { promise: taken, resolve: take, reject } = Promise.withResolvers<void>();
  const held = db.transaction(async (tx) => {
    await tx.query({ text: "select pg_advisory_xact_lock(7241003)" });
    take();
    await promise;
  });
  held.catch(reject);
  await taken;
  return async () => {
    resolve();
    await held;
    await db.end();
  };
};

/** What a test has written is poison to the running system of other tests, which share the topics. */
const emptyTopics = (brokers: string): Promise<void> =>
  withAdmin(brokers, async (admin) => {
    for (const topic of [topics.productEvents.name, topics.productEventsDeadLetters.name]) {
      const ends = await admin.fetchTopicOffsets(topic);
      const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
      await admin.deleteTopicRecords({ topic, partitions });
    }
  });

const environmentOf = (spec: FunctionSpec, addresses: HostAddresses, endpoint: string): Record<string, string> => {
  const peers = Object.entries(spec.peers ?? {}).map(([name, value]) => [name, deployedName(stage, value)] as const);
  return {
    ...functionEnvironment(spec, addresses, process.env),
    HEED_PAUSES: "true",
    ...Object.fromEntries(peers),
    ...lambdaEnvironment(endpoint),
  };
};

/** The whole tool in this process, which is quicker than one of its own. */
const runTool = async (args: readonly string[], env: Readonly<Record<string, string>>) => {
  const { terminal, written } = memoryTerminal(args, { env, clock: Date.now });
  const code = await runSluice(terminal, tool);
  return { code, stdout: written.out, stderr: written.err };
};

/** The error's own name, as on AWS. */
const invokeTask = async (pool: FunctionPool | undefined, payload: unknown): Promise<unknown> => {
  const result = await (pool as FunctionPool).invoke(JSON.stringify(payload));
  if (result.ok) return JSON.parse(result.payload);
  throw Object.assign(new Error(result.error.errorMessage), { name: result.error.errorType });
};

/**
 * What runs the state machines: an engine in this process, or in the tier of LocalStack its
 * interpreter.
 */
const openInterpreter = async () => {
  const python = inject("localstackPython");
  if (python !== undefined) return openLocalstackMachines(python, process.env["SLUICE_STACK"] || "test");
  const machine = async (_name: string, file: string, run: TaskRunner) => localMachine(file, run);
  return { machine, stop: async () => {} };
};

/**
 * A stage as the tool finds it on AWS: the real functions in processes of their own, the real state machines, and a poller that plays the event
 * source mapping of the product projection, on a database of its own and the stack's Kafka.
 */
export const openDeployedStage = async ({ timeoutsMs = {} }: StageOptions = {}) => {
  const giveGroupBack = await takeGroup();
  const database = await createDatabase();
  const { kafkaBrokers, openSearchUrl } = inject("stack");
  const addresses = { databaseUrl: database.url, kafkaBrokers, openSearchUrl };
  const obstacles: Obstacles = { onTask: () => {}, onBatch: () => {}, noMapping: false };
  const mapping = createMapping({
    ...{ functionName: consumer, topic: topics.productEvents.name, groupId: productProjectionGroup },
    connection: { brokers: kafkaBrokers.split(","), clientId: `sluice-mapping-${consumer}`, log: silentLog },
    ...{ batchSize: 1_000, windowMs: 0, log: silentLog, backoff: { firstMs: 5, maxMs: 50 } },
    invoke: async (payload) => {
      await obstacles.onBatch(fromMskEvent(JSON.parse(payload)));
      return succeed();
    },
  });
  const pools = new Map<string, FunctionPool>();
  const lines: string[] = [];
  const interpreter = await openInterpreter();
  const machineOf = (name: string) => {
    const run: TaskRunner = async (payload, state) => {
      await obstacles.onTask(state, payload);
      return invokeTask(pools.get(name), payload);
    };
    return interpreter.machine(name, `functions/${name}/${name}.asl.json`, run);
  };
  const machines = { replay: await machineOf("replay"), "dlq-republish": await machineOf("dlq-republish") };
  const parameters = Object.fromEntries([
    [`/sluice/${stage}/operations-function`, deployedName(stage, "operations")],
    ...Object.keys(machines).map((name) => [`/sluice/${stage}/${name}-state-machine`, machineArn(name)]),
    ...[...deployed, consumer].map((name) => [`/sluice/${stage}/functions/${name}`, deployedName(stage, name)]),
  ]);
  const endpoint = await startStageEndpoint({
    parameters,
    machines: Object.fromEntries(Object.entries(machines).map(([name, machine]) => [machineArn(name), machine])),
    functionOf: (name) => pools.get(deployed.find((each) => deployedName(stage, each) === name) ?? ""),
  });
  const mappings = () => (obstacles.noMapping ? [] : [mapping]);
  const arnOf = (name: string) => functionArn(stage, name);
  const front = await startMappingEndpoint({ emulator: endpoint.url, arnOf, pollers: pollersOf(mappings) });
  for (const spec of selectFunctions(deployed)) {
    const environment = environmentOf(spec, addresses, front.url);
    const timed = { ...spec, timeoutMs: timeoutsMs[spec.name] ?? spec.timeoutMs };
    const onLine = (line: string) => void lines.push(line);
    pools.set(spec.name, startFunctionPool({ spec: timed, environment, onLine, log: silentLog }));
  }
  const db = connect({ url: database.url, max: 3 });
  const toolEnvironment = { ...lambdaEnvironment(front.url), SLUICE_ACTOR: "ann" };
  const directEnvironment = { DATABASE_URL: database.url, KAFKA_BROKERS: kafkaBrokers, OPENSEARCH_URL: openSearchUrl };
  const close = async () => {
    await Promise.all([...pools.values()].map((pool) => pool.stop(5_000)));
    await mapping.stop();
    await front.stop();
    await endpoint.stop();
    await interpreter.stop();
    await db.end();
    await database.drop();
    await emptyTopics(kafkaBrokers);
    await giveGroupBack();
  };
  return {
    ...{ stage, db, mapping, machines, obstacles, lines, close, kafkaBrokers, toolEnvironment, directEnvironment },
    /** A task that ends so many times as one that Lambda had to kill. */
    breakTask: (name: string, times = Number.POSITIVE_INFINITY) => {
      const before = obstacles.onTask;
      let left = times;
      obstacles.onTask = async (state, payload) => {
        await before(state, payload);
        if (state === name && left-- > 0)
          throw Object.assign(new Error("signal: killed"), { name: "Runtime.ExitError" });
      };
    },
    executions: endpoint.executions,
    invoke: (name: string, payload: unknown) => invokeTask(pools.get(name), payload),
    /** The tool on the stage. AWS's SDK reads the process's own environment, which has to have what `toolEnvironment` has. */
    run: (args: readonly string[]) => runTool([...args, "--stage", stage], toolEnvironment),
    /** The tool on the same parts by their addresses. */
    direct: (args: readonly string[]) => runTool(args, { ...directEnvironment, SLUICE_ACTOR: "ann" }),
  };
};

export type DeployedStage = Awaited<ReturnType<typeof openDeployedStage>>;
