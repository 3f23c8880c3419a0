import { setTimeout as sleep } from "node:timers/promises";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { Target } from "../../scripts/sluice/target.ts";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { OperationsConfig } from "./config.ts";

export type StageTargetOptions = {
  readonly config: OperationsConfig;
  readonly client: Pick<LambdaClient, "send">;
  readonly mapping: Target["mapping"];
  readonly files: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly until: number;
};

const AGAIN_MS = 2_000;
const publisher = "outbox-publisher";

type FunctionError = { readonly errorMessage?: string };

/** Its concurrency is reserved, so while two runs overlap at a minute's turn there is no room for a third. */
const send = async (client: StageTargetOptions["client"], command: InvokeCommand, until: number) => {
  for (;;)
    try {
      return await client.send(command);
    } catch (fault) {
      if ((fault as Error).name !== "TooManyRequestsException" || Date.now() + AGAIN_MS > until) throw fault;
      await sleep(AGAIN_MS);
    }
};

/** @throws SluiceError `invocation-failed` */
const drain = async ({ config, client, until }: StageTargetOptions): Promise<string> => {
  const Payload = Buffer.from(JSON.stringify({ mode: "drain" }));
  const command = new InvokeCommand({ FunctionName: config.OUTBOX_PUBLISHER_FUNCTION, Payload });
  const answer = await send(client, command, until);
  const text = Buffer.from(answer.Payload ?? new Uint8Array()).toString();
  if (answer.FunctionError === undefined) return text;
  const { errorMessage }: FunctionError = JSON.parse(text || "{}");
  throw new SluiceError("invocation-failed", `${publisher} failed: ${errorMessage ?? answer.FunctionError}`);
};

/** The stage that this function belongs to. It changes no mapping: that is the replay function's. */
export const stageTarget = (options: StageTargetOptions): Target => {
  const { config, mapping, files } = options;
  const { DATABASE_URL: postgres, KAFKA_BROKERS: kafka = "", OPENSEARCH_URL: opensearch } = config;
  const addresses = { postgres, kafka, opensearch }; // without brokers the cluster is asked for them, see kafka-target.ts
  const notHere = async (): Promise<never> => {
    throw new SluiceError("not-here", "the operations function changes no mapping");
  };
  return {
    address: async (part) => addresses[part],
    mapping: { ...mapping, disable: notHere, enable: notHere },
    invoke: async (functionName) => {
      if (functionName === publisher) return drain(options);
      throw new SluiceError("not-on-a-stage", `${functionName} of a stage is invoked by its mapping alone`, {
        hint: "`sluice groups describe` tells how far it is; `sluice groups resume` ends a pause",
      });
    },
    keepPause: async () => ({ said: "its function looks at each invocation and keeps to it" }),
    readFile: (file) => {
      const text = files[file];
      if (text !== undefined) return text;
      throw new SluiceError("usage", `${file} was not sent along`);
    },
  };
};
