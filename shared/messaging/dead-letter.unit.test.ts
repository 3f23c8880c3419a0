import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readDeadLetter, toDeadLetter } from "./dead-letter.ts";
import type { InboundRecord, OutboundRecord } from "./record.ts";
import { SluiceError } from "./sluice-error.ts";

const record: fc.Arbitrary<InboundRecord> = fc.record({
  topic: fc.stringMatching(/^[a-zA-Z0-9._-]{1,249}$/),
  partition: fc.nat(),
  offset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  timestamp: fc.nat({ max: 8_640_000_000_000_000 }),
  timestampType: fc.constantFrom("CREATE_TIME", "LOG_APPEND_TIME"),
  key: fc.option(fc.uint8Array({ maxLength: 60 })),
  value: fc.option(fc.uint8Array({ maxLength: 300 })),
  headers: fc.array(fc.tuple(fc.string({ unit: "binary", maxLength: 20 }), fc.uint8Array({ maxLength: 40 })), {
    maxLength: 8,
  }),
});
const well = (text: string) => text.toWellFormed();
const fault = fc.record({ reason: fc.string().map(well), message: fc.string({ unit: "grapheme" }).map(well) });

/** As it would be read from the dead-letter topic. */
const asRead = (letter: OutboundRecord): InboundRecord => ({
  topic: letter.topic,
  partition: 3,
  offset: 77n,
  timestamp: 1,
  timestampType: "LOG_APPEND_TIME",
  key: letter.key as Uint8Array | null,
  value: letter.value as Uint8Array | null,
  headers: letter.headers.map(([name, value]) => [name, Buffer.from(value as string)] as const),
});
const options = (reason: string, message: string) => ({
  topic: "dlq.things",
  reason,
  error: new SluiceError(reason, message),
  group: "thing-group",
});
const plain: InboundRecord = {
  topic: "things",
  partition: 2,
  offset: 4_294_967_297n,
  timestamp: 1_795_422_657_929,
  timestampType: "LOG_APPEND_TIME",
  key: Buffer.from("k"),
  value: Buffer.from("not json"),
  headers: [["ce_id", Buffer.from("1")]],
};

describe("a dead letter", () => {
  test("has Spring's headers in Spring's encodings, after the record's own", () => {
    // when
    const letter = toDeadLetter(plain, options("not-json", "the value is not JSON"));

    // then
    expect(letter).toEqual({
      topic: "dlq.things",
      key: plain.key,
      value: plain.value,
      headers: [
        ["ce_id", Buffer.from("1")],
        ["kafka_dlt-original-topic", "things"],
        ["kafka_dlt-original-partition", Buffer.from("00000002", "hex")],
        ["kafka_dlt-original-offset", Buffer.from("0000000100000001", "hex")],
        ["kafka_dlt-original-timestamp", Buffer.from("000001a207879d89", "hex")],
        ["kafka_dlt-original-timestamp-type", "LogAppendTime"],
        ["kafka_dlt-original-consumer-group", "thing-group"],
        ["kafka_dlt-exception-fqcn", "SluiceError"],
        ["sluice_reason", "not-json"],
        ["kafka_dlt-exception-message", "the value is not JSON"],
      ],
    });
    expect(letter.value).toBe(plain.value);
  });

  test("gives the record back as it was", () => {
    fc.assert(
      fc.property(record, fault, (original, { reason, message }) => {
        const read = readDeadLetter(asRead(toDeadLetter(original, options(reason, message))));
        expect(read.original).toEqual({
          ...original,
          headers: original.headers.map(([name, value]) => [name, Buffer.from(value)]),
        });
        expect(read).toMatchObject({ reason, group: "thing-group", fault: { name: "SluiceError", message } });
      }),
    );
  });

  test("that fails again says where it failed last, once", () => {
    fc.assert(
      fc.property(record, record, fault, fault, (original, second, before, after) => {
        const first = asRead(toDeadLetter(original, options(before.reason, before.message)));
        const redriven = { ...second, key: first.key, value: first.value, headers: first.headers };
        const letter = toDeadLetter(redriven, options(after.reason, after.message));
        const added = letter.headers.map(([name]) => name).filter((name) => /^(kafka_dlt-|sluice_)/.test(name));
        expect(new Set(added).size).toBe(added.length);
        expect(readDeadLetter(asRead(letter))).toMatchObject({
          original: { topic: second.topic, partition: second.partition, offset: second.offset },
          reason: after.reason,
        });
      }),
    );
  });

  test("has a message of at most 1,000 characters, none of them cut in two", () => {
    const letter = toDeadLetter(plain, options("wrong-schema", "🔑".repeat(3_000)));
    expect(readDeadLetter(asRead(letter)).fault?.message).toBe("🔑".repeat(1_000));
  });

  test.each([
    [1_048_588 - 1_500, "shortened"],
    [1_048_588 - 200, "empty"],
    [2_000_000, "empty"],
  ])("of a record of %i bytes keeps the value whole, its message %s", (size, message) => {
    const value = Buffer.alloc(size, "v");
    const letter = toDeadLetter({ ...plain, value }, options("wrong-schema", "é".repeat(1_000)));
    expect(letter.value).toBe(value);
    const kept = readDeadLetter(asRead(letter)).fault?.message ?? "";
    expect(kept).toMatch(/^é*$/);
    if (message === "empty") expect(kept).toBe("");
    else {
      expect(kept.length).toBeGreaterThan(200);
      expect(kept.length).toBeLessThan(1_000);
    }
  });

  test("of Spring is read too: without our reason, its last headers counting", () => {
    const letter = asRead(toDeadLetter(plain, options("x", "y")));
    const read = readDeadLetter({
      ...letter,
      headers: [
        ["kafka_dlt-original-topic", Buffer.from("older")],
        ...letter.headers.filter(([name]) => name !== "sluice_reason"),
      ],
    });
    expect(read).toMatchObject({ reason: undefined, original: { topic: "things", offset: 4_294_967_297n } });
  });

  test("is not what does not say where it came from", () => {
    expect(() => readDeadLetter(plain)).toThrow(expect.objectContaining({ code: "not-a-dead-letter" }));
    const letter = asRead(toDeadLetter(plain, options("x", "y")));
    const headers = letter.headers.map(([name, value]) =>
      name === "kafka_dlt-original-offset" ? ([name, Buffer.from("12")] as const) : ([name, value] as const),
    );
    expect(() => readDeadLetter({ ...letter, headers })).toThrow(
      expect.objectContaining({ code: "not-a-dead-letter" }),
    );
  });
});
