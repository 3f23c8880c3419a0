import { setTimeout as sleep } from "node:timers/promises";
import type { EventSourceMappingConfiguration, LambdaClient } from "@aws-sdk/client-lambda";
import { SluiceError } from "../messaging/sluice-error.ts";
import type { MappingControl, MappingState } from "../operations/rewind/mapping-control.ts";

export type EventSourceMappingOptions = {
  readonly client: Pick<LambdaClient, "send">;
  /** Name or ARN of the function on AWS, by the folder below `functions/`. */
  readonly functions: Readonly<Record<string, string>>;
  /** Whether an operator has paused it: the mapping is on then, and the function gives back what it brings. */
  readonly isPaused: (functionName: string) => Promise<boolean>;
};

type Found = { readonly uuid: string; readonly state: string };

/** On the way, and to where. */
const asked: Readonly<Record<string, MappingState>> = {
  Enabled: "Enabled",
  Enabling: "Enabled",
  Disabled: "Disabled",
  Disabling: "Disabled",
};

/** Somebody else changes it just now, or too many calls come at once. */
const passing = new Set(["ResourceInUseException", "ResourceConflictException", "TooManyRequestsException"]);

/** Soon at first; AWS takes a minute at times, and 15 calls a second at the most. */
const pauseMs = (looks: number): number => Math.min(2_000, 100 * 1.5 ** looks);

/** It was there when it was looked for. */
const gone = (functionName: string): SluiceError =>
  new SluiceError("mapping-gone", `${functionName} has no event source mapping any more`, {
    hint: "deploy the stage anew, or make the mapping as it was",
  });

const toFound = ({ UUID = "", State = "" }: EventSourceMappingConfiguration): Found => ({ uuid: UUID, state: State });

/**
 * The event source mappings of Lambda. Every change of theirs takes its time: `Disabling` lasts until the batch in hand is done, up to
 * 14 minutes.
 *
 * AWS does not say which client ids a mapping's pollers have, so members are not told apart by them: while it is enabled they are taken for
 * its own, and once it is Disabled whoever is in the group still is somebody else.
 * https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html
 */
export const eventSourceMapping = (options: EventSourceMappingOptions): MappingControl => {
  const { client, functions, isPaused } = options;

  const find = async (functionName: string): Promise<Found | undefined> => {
    const name = functions[functionName];
    if (name === undefined) return undefined;
    const { ListEventSourceMappingsCommand } = await import("@aws-sdk/client-lambda");
    const { EventSourceMappings: all = [] } = await client.send(
      new ListEventSourceMappingsCommand({ FunctionName: name }),
    );
    const [first, ...others] = all;
    if (others.length === 0) return first && toFound(first);
    throw new SluiceError("several-mappings", `${name} has ${all.length} event source mappings: which is meant?`);
  };

  const ask = async ({ uuid }: Found, enabled: boolean): Promise<void> => {
    const { UpdateEventSourceMappingCommand } = await import("@aws-sdk/client-lambda");
    try {
      await client.send(new UpdateEventSourceMappingCommand({ UUID: uuid, Enabled: enabled }));
    } catch (fault) {
      if (!passing.has((fault as Error).name)) throw fault;
    }
  };

  /** Asks again when somebody else has asked for the opposite meanwhile. */
  const bring = async (functionName: string, wanted: "Enabled" | "Disabled", signal?: AbortSignal): Promise<void> => {
    for (let looks = 0; ; looks++) {
      const found = await find(functionName);
      if (found === undefined) throw gone(functionName);
      if (found.state === wanted) return;
      signal?.throwIfAborted();
      if (found.state in asked && asked[found.state] !== wanted) await ask(found, wanted === "Enabled");
      await sleep(pauseMs(looks), undefined, { signal });
    }
  };

  return {
    state: async (functionName) => {
      for (let looks = 0; ; looks++) {
        const found = await find(functionName);
        if (found === undefined || found.state === "Deleting") return "Absent";
        const state = asked[found.state];
        if (state !== undefined) return state;
        await sleep(pauseMs(looks)); // Creating or Updating: it passes, and what it will be is not told before
      }
    },
    disable: (functionName, signal) => bring(functionName, "Disabled", signal),
    enable: (functionName, signal) => bring(functionName, "Enabled", signal),
    isReading: async (functionName) =>
      (await find(functionName))?.state === "Enabled" && !(await isPaused(functionName)),
    isOwn: () => true,
  };
};
