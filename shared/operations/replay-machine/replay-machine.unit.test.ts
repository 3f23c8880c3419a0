import { expect, test } from "vitest";
import { silentLog } from "../../observability/logger.ts";
import { silentMeter } from "../../observability/metrics.ts";
import type { Driver } from "./driver.ts";
import { createReplayMachine, type TaskEvent } from "./replay-machine.ts";

const driver = {} as Driver; // nothing of it is reached
const machine = createReplayMachine({
  drivers: { rewind: driver, rebuild: driver },
  log: silentLog,
  meter: silentMeter,
});

test.each([
  [null],
  [{}],
  [{ action: "none", state: { kind: "rewind", order: {} } }],
  [{ action: "begin" }],
  [{ action: "begin", state: { kind: "constructor", order: {} } }],
  [{ kind: "rewind", order: {} }], // the machine's input, given to its function
])("%j is no task, and nothing is begun", async (event) => {
  await expect(machine(event as TaskEvent, new AbortController().signal)).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining("{action, state: {kind, order, …}}"),
  });
});
