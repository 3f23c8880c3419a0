/** Holds patches/kafkajs+2.2.4.patch to the package as published: the same bytes, the same requests, no idle timers. */
import { createRequire } from "node:module";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

const require = createRequire(import.meta.url);
const sources = ["kafkajs", "kafkajs-published"].map((name) => ({
  Encoder: require(`${name}/src/protocol/encoder.js`),
  Long: require(`${name}/src/utils/long.js`),
  record: require(`${name}/src/protocol/recordBatch/record/v0/index.js`),
  RecordBatch: require(`${name}/src/protocol/recordBatch/v0/index.js`).RecordBatch,
  produce: require(`${name}/src/protocol/requests/produce/index.js`).protocol,
  createRequest: require(`${name}/src/protocol/request.js`),
  RequestQueue: require(`${name}/src/network/requestQueue/index.js`),
}));
type Source = (typeof sources)[number];
const [patched, published] = sources as [Source, Source];

/** Runs the same with both, and expects the same bytes, or both to refuse. */
const same = async (write: (source: Source) => unknown): Promise<void> => {
  const run = async (source: Source): Promise<Buffer | string> => {
    try {
      const written = await write(source);
      return typeof written === "number" ? String(written) : Buffer.from((written as { buffer: Buffer }).buffer);
    } catch (error) {
      return `throws ${(error as Error).name}`;
    }
  };
  const [ours, theirs] = [await run(patched), await run(published)];
  if (Buffer.isBuffer(ours) && Buffer.isBuffer(theirs)) expect(Buffer.compare(ours, theirs)).toBe(0);
  else expect(ours).toBe(theirs);
};

const integer = fc.oneof(
  fc.integer(),
  fc.constantFrom(0, -0, 1, -1, 63, 64, -64, -65, 127, 128, 8_191, 8_192, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 32),
);
const long = fc.oneof(
  integer,
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  fc.constantFrom("9223372036854775807", "-9223372036854775808", Number.NaN, 1_795_422_657_929, -1_795_422_657_929),
);
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    "é",
    "€".repeat(30),
    "🔑",
    "\ud800",
    "x".repeat(510),
    "x".repeat(512),
    "x".repeat(9_000),
    "é".repeat(40_000),
  ),
);
const data = fc.oneof(
  text,
  fc.uint8Array({ maxLength: 700 }).map((bytes) => Buffer.from(bytes)),
);
const message = fc.record({
  key: fc.option(data),
  value: fc.option(data),
  headers: fc.oneof(
    fc.constant(undefined),
    fc.dictionary(
      fc.string({ unit: "binary", maxLength: 20 }),
      // A null header is refused by both; several values of one name are an array.
      fc.oneof(
        { weight: 20, arbitrary: data },
        { weight: 2, arbitrary: fc.array(data, { maxLength: 3 }) },
        fc.constant(null),
      ),
      { maxKeys: 12 },
    ),
  ),
  timestamp: fc.option(fc.oneof(fc.nat(2 ** 31), fc.nat(2 ** 31).map(String)), { nil: undefined }),
});

describe("the patched encoder writes the published bytes", () => {
  test("of varints and their sizes", async () => {
    await fc.assert(
      fc.asyncProperty(integer, async (value) => {
        await same(({ Encoder }) => new Encoder().writeVarInt(value));
        await same(({ Encoder }) => new Encoder().writeUVarInt(value));
        await same(({ Encoder }) => Encoder.sizeOfVarInt(value));
      }),
      { numRuns: 500 },
    );
  });

  test("of varlongs and their sizes, as numbers, text, bigints and Longs", async () => {
    await fc.assert(
      fc.asyncProperty(long, async (value) => {
        const forms = [(it: Source) => it.Long.fromValue(value), () => value];
        if (!Number.isNaN(value)) forms.push(() => BigInt(value));
        for (const form of forms) {
          await same((source) => new source.Encoder().writeVarLong(form(source)));
          await same((source) => source.Encoder.sizeOfVarLong(form(source)));
        }
      }),
      { numRuns: 500 },
    );
  });

  test("of anything, however the buffer must grow", async () => {
    const step = fc.oneof(
      fc.tuple(fc.constant("writeVarInt"), integer),
      fc.tuple(fc.constant("writeVarLong"), long),
      fc.tuple(fc.constant("writeInt64"), long),
      fc.tuple(fc.constantFrom("writeString", "writeVarIntString", "writeUVarIntString"), fc.option(text)),
      fc.tuple(fc.constantFrom("writeBytes", "writeVarIntBytes", "writeUVarIntBytes"), fc.option(data)),
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(600), fc.array(step, { maxLength: 30 }), async (size, steps) => {
        await same(({ Encoder }) => {
          const encoder = new Encoder(size);
          for (const [method, value] of steps) encoder[method](value);
          return encoder;
        });
      }),
    );
  });
});

describe("the patched producer writes the published bytes", () => {
  beforeEach(() => vi.useFakeTimers({ now: 1_795_422_657_929, toFake: ["Date"] }));
  afterEach(() => vi.useRealTimers());

  test("of a record", async () => {
    await fc.assert(
      fc.asyncProperty(message, fc.nat(), integer, async (content, offsetDelta, timestampDelta) => {
        await same(({ record }) => record({ ...content, offsetDelta, timestampDelta }));
      }),
      { numRuns: 300 },
    );
  });

  test("of a record batch", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 6 }), async (messages) => {
        await same(({ RecordBatch, record }) =>
          RecordBatch({ records: messages.map((it, offsetDelta) => record({ ...it, offsetDelta })) }),
        );
      }),
    );
  });

  test.each([3, 7])("of a whole produce request, version %i", async (version) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { maxLength: 4 }),
        text,
        fc.integer({ min: 0 }),
        async (messages, clientId, correlationId) => {
          const topicData = [
            { topic: "a", partitions: [0, 5].map((partition) => ({ partition, firstSequence: 0, messages })) },
            { topic: "ä", partitions: [{ partition: 1, firstSequence: 0, messages }] },
          ];
          await same(({ produce, createRequest }) =>
            createRequest({
              correlationId,
              clientId,
              request: produce({ version })({ acks: -1, timeout: 1_000, topicData }).request,
            }),
          );
        },
      ),
    );
  });
});

describe("the request queue of a connection", () => {
  const logger = { debug: () => {}, warn: () => {} };
  const queueOf = ({ RequestQueue }: Source, maxInFlightRequests: number | null = null) =>
    new RequestQueue({
      maxInFlightRequests,
      requestTimeout: 1_000,
      enforceRequestTimeout: false,
      clientId: "c",
      broker: "b:1",
      logger,
    });
  const request = (correlationId: number, sent: number[]) => ({
    entry: { apiKey: 0, apiName: "Produce", apiVersion: 7, correlationId, resolve: () => {}, reject: () => {} },
    expectResponse: true,
    sendRequest: () => sent.push(correlationId),
  });
  const answer = (correlationId: number) => ({ correlationId, payload: Buffer.alloc(0), size: 0 });

  beforeEach(() => vi.useFakeTimers({ now: 1_795_422_657_929 }));
  afterEach(() => vi.useRealTimers());

  test("arms no timer when nothing waits; as published it spins for ever", () => {
    for (const [source, timers] of [
      [patched, 0],
      [published, 1],
    ] as const) {
      const queue = queueOf(source);
      queue.push(request(1, []));
      queue.fulfillRequest(answer(1));
      vi.advanceTimersByTime(100);
      expect(vi.getTimerCount()).toBe(timers);
      queue.destroy();
    }
  });

  test("asks for no negative timeout", () => {
    const delays: unknown[] = [];
    const armed = vi.spyOn(globalThis, "setTimeout").mockImplementation((_, delay) => {
      delays.push(delay);
      return 1 as never;
    });
    const queue = queueOf(patched, 1);
    for (const id of [1, 2]) queue.push(request(id, []));
    for (const id of [1, 2]) queue.fulfillRequest(answer(id));
    armed.mockRestore();
    expect(delays).toEqual([10]);
  });

  test("sends what waits when there is room, in order, as published", () => {
    for (const source of [patched, published]) {
      const sent: number[] = [];
      const queue = queueOf(source, 1);
      for (const id of [1, 2, 3]) queue.push(request(id, sent));
      expect(sent).toEqual([1]);
      queue.fulfillRequest(answer(1));
      queue.fulfillRequest(answer(2));
      expect(sent).toEqual([1, 2, 3]);
      queue.destroy();
    }
  });

  test("sends what was throttled when the throttle ends, as published, and then rests", () => {
    for (const source of [patched, published]) {
      const sent: number[] = [];
      const queue = queueOf(source);
      queue.maybeThrottle(250);
      queue.push(request(1, sent));
      vi.advanceTimersByTime(249);
      expect(sent).toEqual([]);
      vi.advanceTimersByTime(12);
      expect(sent).toEqual([1]);
      if (source === patched) expect(vi.getTimerCount()).toBe(0);
      queue.destroy();
    }
  });
});
