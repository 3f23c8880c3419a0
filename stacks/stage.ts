import { type Deployer, deployer, type Environment } from "./deployer.ts";

/** What differs from one stage to the next. */
export type StageSettings = {
  readonly name: string;
  /** What is lost with a mistake: deletion protection, snapshots, standbys in other zones. */
  readonly isProduction: boolean;
  /**
   * Availability zones, where the region has as many: three, as each of a record's three replicas
   * wants its own.
   */
  readonly zones: number;
  /**
   * In how many of them AWS's APIs have an address; each is paid for by the hour. One serves all
   * zones, until it is down.
   */
  readonly endpointZones: number;
  /**
   * Who reads Kafka for the consumers. Provisioned pollers take partial answers and cost from 135
   * USD a month; on-demand ones do neither.
   */
  readonly pollers: "provisioned" | "on-demand";
  readonly kafka: KafkaSettings;
  readonly database: DatabaseSettings;
  readonly search: SearchSettings;
  readonly api: HttpSettings;
  /** Of the open routes, so that whoever floods them takes nothing from the API. */
  readonly probes: HttpSettings;
  readonly logRetention: "1 week" | "3 months";
  /** What a month may cost, in US dollars. */
  readonly budgetUsd: number;
  readonly listeners: Deployer["listeners"];
};

/** Serverless has no brokers to size, patch or upgrade; provisioned costs less where load is steady or tiny. docs/decisions/aws.md */
export type KafkaSettings =
  | { readonly kind: "serverless" }
  | {
      readonly kind: "provisioned";
      readonly version: string;
      readonly instanceType: string;
      /** Of each broker, to begin with; it grows by itself up to four times that. */
      readonly volumeGb: number;
    };

type DatabaseSettings = {
  /** Aurora capacity units. The publisher looks each minute, so that Aurora never pauses: the minimum is paid day and night. */
  readonly minUnits: number;
  readonly maxUnits: number;
  /** Standbys in other zones, promoted when the writer fails. */
  readonly standbys: number;
  readonly hasProxy: boolean;
  readonly backupDays: number;
  /** I/O-Optimized: capacity a third dearer, and no price on each read and write; cheaper from some hundred events a second on. */
  readonly isIoOptimized: boolean;
};

type SearchSettings = { readonly instanceType: string; readonly nodes: number; readonly volumeGb: number };

type HttpSettings = {
  /** Requests a second, and at once, of each route. API Gateway answers 429 to what is more. */
  readonly rate: number;
  readonly burst: number;
  /**
   * Copies of the function at the most. Times two connections (`probes`: three): what the database,
   * or the proxy, must bear.
   */
  readonly concurrency: number;
};

type OfAKind = Omit<StageSettings, "name" | "listeners">;

const production: OfAKind = {
  isProduction: true,
  zones: 3,
  endpointZones: 3,
  pollers: "provisioned",
  kafka: { kind: "serverless" },
  database: { minUnits: 1, maxUnits: 32, standbys: 1, hasProxy: true, backupDays: 14, isIoOptimized: true },
  search: { instanceType: "m7g.medium.search", nodes: 3, volumeGb: 50 },
  api: { rate: 2_000, burst: 1_000, concurrency: 200 },
  probes: { rate: 50, burst: 50, concurrency: 5 },
  logRetention: "3 months",
  budgetUsd: 1_600,
};

/** Any other stage: `dev`, a colleague's name, a branch. */
const development: OfAKind = {
  isProduction: false,
  zones: 3,
  endpointZones: 1,
  pollers: "on-demand",
  kafka: { kind: "provisioned", version: "3.9.x", instanceType: "kafka.t3.small", volumeGb: 10 },
  database: { minUnits: 0.5, maxUnits: 4, standbys: 0, hasProxy: false, backupDays: 1, isIoOptimized: false },
  search: { instanceType: "t3.small.search", nodes: 1, volumeGb: 10 },
  api: { rate: 100, burst: 50, concurrency: 20 },
  probes: { rate: 10, burst: 20, concurrency: 2 },
  logRetention: "1 week",
  budgetUsd: 300,
};

/**
 * A stage's name becomes a part of others: that of a domain of OpenSearch is the shortest, and RDS
 * takes no dash at the end and no two in a row.
 */
const stageName = /^(?=.{1,21}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * @param env of the deploy
 * @throws Error before anything is made: a name that AWS would refuse, a variable of a wrong shape,
 * production that nobody listens to
 */
export const stageSettings = (name: string, env: Environment = process.env): StageSettings => {
  if (!stageName.test(name))
    throw new Error(
      `stage ${name}: up to 21 lower-case letters and digits, beginning with a letter, with single dashes between them`,
    );
  const { listeners, budgetUsd } = deployer(env);
  const kind = name === "prod" ? production : development;
  if (kind.isProduction && !listeners.email && !listeners.topicArn)
    throw new Error(
      "nobody would hear the alarms of production: give SLUICE_ALARM_EMAIL, or SLUICE_ALARM_TOPIC, the ARN of an SNS topic that somebody hears",
    );
  return { ...kind, name, listeners, budgetUsd: budgetUsd ?? kind.budgetUsd };
};
