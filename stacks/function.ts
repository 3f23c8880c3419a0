import { type FunctionSpec, functions } from "../scripts/host/functions.ts";
import { copiedFiles, nodejsOptions } from "../scripts/package/esbuild-settings.ts";
import { functionName, metricsNamespace } from "./account.ts";
import type { Database } from "./database.ts";
import type { Messaging } from "./messaging.ts";
import type { Network } from "./network.ts";
import { pascalCase } from "./pascal-case.ts";
import { denials } from "./policies/denials.ts";
import { kafkaPolicies } from "./policies/kafka.ts";
import type { Statement } from "./policies/statement.ts";
import type { Search } from "./search.ts";
import type { StageSettings } from "./stage.ts";

/** What the functions stand on. */
export type Parts = {
  readonly stage: StageSettings;
  readonly net: Network;
  readonly db: Database;
  readonly kafka: Messaging;
  readonly index: Search;
};

export type FunctionWish = {
  /**
   * What it is linked to: its secrets. The database is none of them: each function has its access
   * by `accessOf`, but for its owner.
   */
  readonly link?: readonly (sst.Linkable<{ value: $util.Output<string> }> | sst.Secret)[];
  readonly environment: Readonly<Record<string, $util.Input<string>>>;
  readonly permissions: readonly Statement[];
  readonly reserved?: number;
};

/** On Lambda memory is also processor: 1,769 MB are one. docs/decisions/aws.md argues for each. */
const memoryMb: Readonly<Record<string, number>> = {
  api: 1024,
  "product-event-consumer": 1024,
  "product-command-consumer": 1024,
};

const specOf = (name: string): FunctionSpec => {
  const spec = functions.find((each) => each.name === name);
  if (!spec) throw new Error(`scripts/host/functions.ts has no ${name}`);
  return spec;
};

/** The functions that it calls or looks at, by the variables in which it reads their names. */
const peersOf = ({ peers = {} }: FunctionSpec): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(peers).map(([variable, name]) => [variable, functionName(name)]));

/** Makes functions of one kind: arm64, in the network, packed by one module's settings, timeouts from one list, with the denials of all. */
export const functionMaker =
  ({ stage, net, kafka, db }: Parts, dependsOn: $util.Resource[] = []) =>
  (name: string, wish: FunctionWish) => {
    const spec = specOf(name);
    const access = spec.ownsDatabase ? db.owner : db.accessOf(name);
    return new sst.aws.Function(
      pascalCase(name),
      {
        name: functionName(name),
        handler: spec.handlerFile.replace(/\.ts$/, ".handler"),
        runtime: "nodejs24.x",
        architecture: "arm64",
        memory: `${memoryMb[name] ?? spec.memoryMb} MB`,
        timeout: `${Math.ceil(spec.timeoutMs / 1000)} seconds`,
        nodejs: nodejsOptions,
        copyFiles: [...copiedFiles(name)],
        vpc: { privateSubnets: net.subnets, securityGroups: [net.functions] },
        link: [...access.links, ...(wish.link ?? [])],
        environment: {
          ...access.environment,
          ...wish.environment,
          ...peersOf(spec),
          POWERTOOLS_METRICS_NAMESPACE: metricsNamespace(),
        },
        permissions: [...access.permissions, ...wish.permissions, ...denials(name, kafkaPolicies(kafka))],
        ...(wish.reserved !== undefined && { concurrency: { reserved: wish.reserved } }),
        retries: 0, // an invocation that was lost comes again with the next minute
        transform: { eventInvokeConfig: { maximumEventAgeInSeconds: 60 } },
        logging: { retention: stage.logRetention },
      },
      { dependsOn },
    );
  };

export type WithMaker = Parts & { readonly make: ReturnType<typeof functionMaker> };
