import { expect, test } from "vitest";
import { checkFlood, type Poison, sendDeadLetters } from "./dead-letters.ts";
import type { InboundRecord } from "./record.ts";
import type { RecordPublisher, SendOutcome } from "./record-publisher.ts";
import { SluiceError } from "./sluice-error.ts";

const record: InboundRecord = {
  topic: "t",
  partition: 2,
  offset: 7n,
  timestamp: 0,
  timestampType: "LOG_APPEND_TIME",
  key: null,
  value: null,
  headers: [],
};

const poison = (count: number): Poison[] =>
  Array.from({ length: count }, (_, index) => ({
    record,
    fault: new SluiceError(index === 0 ? "not-json" : "unknown-type", "bad"),
  }));

test.each([
  { bad: 26, of: 50 },
  { bad: 50, of: 50 },
  { bad: 501, of: 1_000 },
])("$bad bad records of $of are a flood", ({ bad, of }) => {
  expect(() => checkFlood(poison(bad), of)).toThrow(
    expect.objectContaining({
      code: "poison-flood",
      message: `${bad} of ${of} records are poison: not-json 1, unknown-type ${bad - 1}`,
    }),
  );
});

test.each([
  { bad: 25, of: 50 },
  { bad: 49, of: 49 },
  { bad: 0, of: 1_000 },
])("$bad bad records of $of are dead letters", ({ bad, of }) => {
  expect(() => checkFlood(poison(bad), of)).not.toThrow();
});

const publisherThatAnswers = (outcomes: readonly SendOutcome[]): RecordPublisher => ({
  publish: async () => outcomes,
  close: async () => {},
});

test.each<{ outcome: SendOutcome }>([
  { outcome: { status: "failed", error: new Error("no broker") } },
  { outcome: { status: "too-large", reason: "2 MB" } },
])(
  "a dead letter that the broker has not acknowledged ($outcome.status) fails the batch, retriably",
  async ({ outcome }) => {
    // given
    const acknowledged: SendOutcome = { status: "acknowledged", partition: 0, offset: 1n };
    const deadLetters = { publisher: publisherThatAnswers([acknowledged, outcome]), topic: "dlq.t", group: "g" };

    // when, then
    await expect(sendDeadLetters(deadLetters, poison(2))).rejects.toMatchObject({
      code: "dead-letter-failed",
      canRetry: true,
      message: expect.stringContaining("t-2 at 7"),
    });
  },
);
