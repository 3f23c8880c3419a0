import { askSystem } from "../../../shared/testing/ask-system.ts";
import type { Called } from "../../../shared/testing/http-call.ts";
import { runningAddresses } from "../../host/find-addresses.ts";
import { runningHost } from "../../host/host-file.ts";

/** What the manual's system answers, found as the tool finds it. */
export type RunningParts = {
  readonly stack: string;
  /** As the manual's reader asks by curl: `ask("GET /health/")`. */
  ask(asked: string, more?: Parameters<ReturnType<typeof askSystem>>[1]): Promise<Called>;
  databaseUrl(): Promise<string>;
  kafkaBrokers(): Promise<string>;
};

export const runningParts = (stack: string): RunningParts => ({
  stack,
  ask: (asked, more) => {
    const url = runningHost(stack, "api")?.url;
    if (url === undefined) throw new Error(`no API runs for ${asked}`);
    return askSystem(url)(asked, more);
  },
  databaseUrl: async () => (await runningAddresses(stack, {})).databaseUrl as string,
  kafkaBrokers: async () => (await runningAddresses(stack, {})).kafkaBrokers as string,
});
