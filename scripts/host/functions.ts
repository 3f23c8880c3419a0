import { apiRouteKeys, probeRouteKeys } from "../../shared/catalogue/api/route-table.ts";
import { productCommandGroup } from "../../shared/catalogue/groups.ts";
import { productProjectionGroup } from "../../shared/catalogue/product-projection.ts";
import { topics } from "../../shared/catalogue/topics.ts";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { PartName } from "../stack/part.ts";

/** What invokes a function. Each kind is one of AWS's: an HTTP API, EventBridge Scheduler, an event source mapping, a call by name. */
export type FunctionTrigger =
  | {
      readonly kind: "http";
      /** The routes that are its own; `$default` takes what no other function's route takes. */
      readonly routeKeys: readonly string[];
      /** What `npm run invoke` asks for by GET when nobody says what. */
      readonly onceTarget: string;
    }
  | {
      readonly kind: "schedule";
      readonly everyMs: number;
      readonly input: unknown;
      /** The input with which it does one round and returns, for `npm run invoke`. */
      readonly onceInput: unknown;
    }
  | {
      readonly kind: "kafka";
      readonly topic: string;
      readonly groupId: string;
      /** Records of a batch at the most: 1 to 10,000. */
      readonly batchSize: number;
      /** How long a batch may wait to be filled: 0 to 300,000 ms. */
      readonly windowMs: number;
      /** The metrics that say what became of the records; `npm run invoke` reports their sums. */
      readonly outcomes: readonly string[];
    }
  /** By name: a deploy, a state machine, an operator. `npm run invoke` sends `onceInput` unless it is given another. */
  | { readonly kind: "invoke"; readonly onceInput: unknown };

/** One function as the host runs it. */
export type FunctionSpec = {
  readonly name: string;
  /** Its module, relative to the repository; it exports `handler`. */
  readonly handlerFile: string;
  readonly trigger: FunctionTrigger;
  /** An invocation that takes longer is killed with its process. */
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** How many processes it may have, each with one invocation at a time. */
  readonly concurrency: number;
  /** The parts of the stack whose addresses it is given. */
  readonly needs: readonly PartName[];
  /** Variables of its own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables that hold the names of other functions, by which it invokes them or looks at their mappings. */
  readonly peers?: Readonly<Record<string, string>>;
  /** Whether it signs in as the database's owner; any other function has a user of its own. */
  readonly ownsDatabase?: true;
  /** Names, or beginnings of names, of variables that it gets from the host's own environment when they are set there. */
  readonly passes: readonly string[];
};

/** The function that answers `/health/`; a host without it is as well as its functions are. */
export const healthFunction = "probes";

const seconds = (count: number): number => count * 1000;

const allParts = ["postgres", "kafka", "opensearch"] as const;

/** Every function of the system. Whoever adds one adds it here, and `npm start` and `npm run invoke` know it. */
export const functions: readonly FunctionSpec[] = [
  {
    name: "api",
    handlerFile: "functions/api/handler.ts",
    trigger: { kind: "http", routeKeys: apiRouteKeys, onceTarget: "/products?limit=1" },
    timeoutMs: seconds(29), // below the 30 s of an HTTP API's integration
    memoryMb: 512,
    concurrency: 8,
    needs: ["postgres", "opensearch"],
    environment: {},
    passes: ["DATABASE_POOLER"],
  },
  {
    name: healthFunction,
    handlerFile: "functions/probes/handler.ts",
    trigger: { kind: "http", routeKeys: probeRouteKeys, onceTarget: "/health" },
    // a probe has one second and a source of metrics three, whatever does not answer
    timeoutMs: seconds(20),
    memoryMb: 256,
    concurrency: 2,
    needs: allParts,
    // nobody floods a laptop, and a mended part must show at once
    environment: { HEALTH_FRESH_SECONDS: "0" },
    passes: ["DATABASE_POOLER", "HEALTH_", "METRICS_TOKEN", "API_READ_SCOPE", "API_WRITE_SCOPE"],
  },
  {
    name: "outbox-publisher",
    handlerFile: "functions/outbox-publisher/handler.ts",
    trigger: { kind: "schedule", everyMs: seconds(60), input: {}, onceInput: { mode: "drain" } },
    timeoutMs: seconds(75), // overlaps the next one, so that there is always a drainer; the leases make it safe
    memoryMb: 512,
    concurrency: 2,
    needs: ["postgres", "kafka"],
    environment: {
      OUTBOX_IDLE_CEILING_MS: "20", // nobody pays for a look at a local outbox
      NODE_OPTIONS: "--max-semi-space-size=8", // V8's young generation would grow by 100 MB over a long drain, for nothing
    },
    passes: ["DATABASE_POOLER", "OUTBOX_"],
  },
  {
    name: "product-event-consumer",
    handlerFile: "functions/product-event-consumer/handler.ts",
    trigger: {
      kind: "kafka",
      topic: topics.productEvents.name,
      groupId: productProjectionGroup,
      batchSize: 1000,
      windowMs: 0,
      outcomes: ["Applied", "Duplicate", "Ignored", "DeadLettered"],
    },
    timeoutMs: seconds(14 * 60), // the longest that a function behind a Kafka mapping may have
    memoryMb: 512,
    concurrency: 1,
    needs: allParts,
    environment: { PARTIAL_BATCH_RESPONSE: "true" }, // the poller takes partial answers, as a provisioned mapping does
    passes: ["DATABASE_POOLER"],
  },
  {
    name: "product-command-consumer",
    handlerFile: "functions/product-command-consumer/handler.ts",
    trigger: {
      kind: "kafka",
      topic: topics.productCommands.name,
      groupId: productCommandGroup.groupId,
      batchSize: 1000,
      windowMs: 0,
      outcomes: ["Applied", "Duplicate", "Rejected", "DeadLettered"],
    },
    timeoutMs: seconds(14 * 60),
    memoryMb: 512,
    concurrency: 1,
    needs: ["postgres", "kafka"],
    environment: { PARTIAL_BATCH_RESPONSE: "true" },
    passes: ["DATABASE_POOLER", "COMMAND"],
  },
  {
    name: "reservation-sweeper",
    handlerFile: "functions/reservation-sweeper/handler.ts",
    // Each minute on AWS, whose schedules know nothing shorter.
    trigger: { kind: "schedule", everyMs: seconds(10), input: {}, onceInput: {} },
    timeoutMs: seconds(55),
    memoryMb: 256,
    concurrency: 1,
    needs: ["postgres"],
    environment: {},
    passes: ["DATABASE_POOLER"],
  },
  {
    name: "projection-verifier",
    handlerFile: "functions/projection-verifier/handler.ts",
    trigger: { kind: "schedule", everyMs: seconds(60 * 60), input: {}, onceInput: {} },
    timeoutMs: seconds(14 * 60), // all rows, where VERIFY_SAMPLE says so
    memoryMb: 256,
    concurrency: 1,
    needs: ["postgres", "opensearch"],
    environment: {},
    passes: ["DATABASE_POOLER", "VERIFY_"],
  },
  {
    name: "dead-letter-monitor",
    handlerFile: "functions/dead-letter-monitor/handler.ts",
    trigger: { kind: "schedule", everyMs: seconds(60), input: {}, onceInput: {} },
    timeoutMs: seconds(55),
    memoryMb: 256,
    concurrency: 1,
    needs: ["postgres", "kafka"],
    environment: {},
    passes: ["DATABASE_POOLER"],
  },
  {
    name: "provision",
    handlerFile: "functions/provision/handler.ts",
    trigger: { kind: "invoke", onceInput: {} }, // by each deploy, before anything else of it
    timeoutMs: seconds(14 * 60), // a migration may fill a column, and a domain may be slow to answer for the first time
    memoryMb: 512,
    concurrency: 1,
    needs: allParts,
    environment: {},
    ownsDatabase: true,
    passes: ["DATABASE_POOLER", "DATABASE_USERS", "KAFKA_TLS", "TOPIC_"],
  },
  {
    name: "operations",
    handlerFile: "functions/operations/handler.ts",
    trigger: { kind: "invoke", onceInput: { argv: ["outbox", "status"], actor: "invoke" } }, // by `sluice --stage`
    timeoutMs: seconds(5 * 60), // a flush waits for the publisher, which may run for a minute
    memoryMb: 1024,
    concurrency: 2,
    needs: allParts,
    environment: {},
    peers: { OUTBOX_PUBLISHER_FUNCTION: "outbox-publisher", PRODUCT_EVENT_CONSUMER_FUNCTION: "product-event-consumer" },
    passes: ["DATABASE_POOLER"],
  },
  {
    name: "replay",
    handlerFile: "functions/replay/handler.ts",
    trigger: { kind: "invoke", onceInput: {} }, // by replay.asl.json
    timeoutMs: seconds(5 * 60), // of one task: what takes longer is handed over to the next
    memoryMb: 512,
    concurrency: 1,
    needs: allParts,
    environment: {},
    peers: { PRODUCT_EVENT_CONSUMER_FUNCTION: "product-event-consumer" },
    passes: ["DATABASE_POOLER"],
  },
  {
    name: "dlq-republish",
    handlerFile: "functions/dlq-republish/handler.ts",
    trigger: { kind: "invoke", onceInput: {} }, // by dlq-republish.asl.json
    timeoutMs: seconds(2 * 60), // of one task: some 100,000 records at full speed
    memoryMb: 1024,
    concurrency: 1,
    needs: ["postgres", "kafka"],
    environment: {},
    passes: ["DATABASE_POOLER"],
  },
];

/**
 * The functions of these names, all when none is named.
 * @throws SluiceError `unknown-function` listing those that exist
 */
export const selectFunctions = (
  names: readonly string[] = [],
  among: readonly FunctionSpec[] = functions,
): readonly FunctionSpec[] => {
  const unknown = names.filter((name) => !among.some((each) => each.name === name));
  if (unknown.length > 0)
    throw new SluiceError("unknown-function", `there is no function named ${unknown.join(", ")}`, {
      hint: `the functions are ${among.map(({ name }) => name).join(", ")}`,
    });
  return names.length === 0 ? among : among.filter(({ name }) => names.includes(name));
};
