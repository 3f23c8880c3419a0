import { expect, test } from "vitest";
import { askAgain } from "./ask-again.ts";
import { protocolError } from "./cluster.ts";

const COORDINATOR_NOT_AVAILABLE = 15;
const GROUP_AUTHORIZATION_FAILED = 30;

/** Fails with these one after the other, then answers. */
const failing = (...faults: readonly Error[]) => {
  const left = [...faults];
  return async () => {
    const fault = left.shift();
    if (fault) throw fault;
    return `after ${faults.length}`;
  };
};

const never = new AbortController().signal;

test("a cluster that is busy with itself is asked again", async () => {
  const busy = protocolError(COORDINATOR_NOT_AVAILABLE);
  expect(await askAgain(failing(busy, busy), never)).toBe("after 2");
});

test.each([
  ["a refusal", protocolError(GROUP_AUTHORIZATION_FAILED)],
  ["a bug", new TypeError("a bug")],
])("%s is thrown at once", async (_, fault) => {
  await expect(askAgain(failing(fault), never)).rejects.toBe(fault);
});

test("what the cluster says when the time is over is thrown", async () => {
  const busy = protocolError(COORDINATOR_NOT_AVAILABLE);
  await expect(askAgain(failing(busy), AbortSignal.abort())).rejects.toBe(busy);
});
