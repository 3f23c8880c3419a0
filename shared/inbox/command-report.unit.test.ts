import { expect, test } from "vitest";
import { SluiceError } from "../messaging/sluice-error.ts";
import type { Log } from "../observability/logger.ts";
import { silentMeter } from "../observability/metrics.ts";
import { type Judged, type Judgement, reportCommands } from "./command-report.ts";
import { decodeCommands } from "./decode-commands.ts";
import { recordOf, retentionMs, tallyRegistry } from "./testing/tallies.ts";

const judged = (end: Judgement, correlationId = "request-1"): Judged => {
  const record = recordOf({ id: "a", amount: 1 }, { partition: 3, offset: 12n }, { correlationId });
  const [entry] = decodeCommands([record], { registry: tallyRegistry, retentionMs, now: Date.now() });
  return { entry: entry as Judged["entry"], end };
};

/** The lines that a report of these writes, by level. */
const linesOf = (all: readonly Judged[]) => {
  const lines: Record<"debug" | "info" | "warn" | "error", object[]> = { debug: [], info: [], warn: [], error: [] };
  const at = (level: keyof typeof lines) => (message: string, fields?: object) => {
    lines[level].push({ message, ...fields });
  };
  const log: Log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  reportCommands({ log, meter: silentMeter }, all, 5);
  return lines;
};

test("the line of a batch tells its ends, the reasons of its refusals and the requests that it comes from", () => {
  const refused = (reason: string) => judged({ outcome: "rejected", reason }, "request-2");

  const { info } = linesOf([
    judged({ outcome: "applied" }),
    ...["too-few", "too-few", "archived"].map(refused),
    judged({ outcome: "given-back" }),
  ]);

  expect(info).toEqual([
    expect.objectContaining({
      message: "commands handled",
      ...{ records: 5, applied: 1, duplicate: 0, rejected: 3, dead_lettered: 0, given_back: 1, milliseconds: 5 },
      reasons: { "too-few": 2, archived: 1 },
      correlation_ids: ["request-1", "request-2"],
    }),
  ]);
});

test("a dead letter has a line of its own that says where it lay and why, a command one on level debug", () => {
  const { warn, debug } = linesOf([
    judged({ outcome: "dead-lettered", fault: new SluiceError("below-zero", "-1") }),
    judged({ outcome: "rejected", reason: "too-few" }),
  ]);

  const place = { topic: "tallies", partition: 3, offset: "12", event_type: "tally.add", aggregate_id: "a" };
  expect(warn).toEqual([expect.objectContaining({ ...place, reason: "below-zero", why: "-1" })]);
  expect(debug).toEqual([expect.objectContaining({ ...place, outcome: "rejected", reason: "too-few" })]);
});
