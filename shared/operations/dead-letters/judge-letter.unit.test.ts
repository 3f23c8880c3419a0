import { expect, test } from "vitest";
import { toDeadLetter } from "../../messaging/dead-letter.ts";
import type { InboundRecord } from "../../messaging/record.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";
import { requireOrigin } from "./dead-letter-route.ts";
import { refusalOf } from "./judge-letter.ts";
import { toLetter } from "./letter.ts";
import { matches } from "./letter-filter.ts";
import { toReplay } from "./to-replay.ts";

type Headers = readonly (readonly [string, string])[];
const route = { deadLetterTopic: "dlq.things", origins: ["things"] };
const bytes = (headers: readonly (readonly [string, string | Uint8Array])[]): InboundRecord["headers"] =>
  headers.map(([name, value]) => [name, Buffer.from(value as string)] as const);

const letter = (more: Headers = [], topic = "things") => {
  const place = { partition: 3, offset: 7n, timestamp: 5, timestampType: "LOG_APPEND_TIME" as const };
  const headers = bytes([["ce_id", "e1"], ["ce_type", "thing.made"], ["x", "1"], ["x", "2"], ...more]);
  const original = { topic, ...place, key: Buffer.from("k"), value: Buffer.from("v"), headers };
  const error = new SluiceError("not-json", "bad");
  const dead = toDeadLetter(original, { topic: "dlq.things", reason: "not-json", error, group: "g" });
  return toLetter({ ...original, topic: "dlq.things", timestamp: 1_000, headers: bytes(dead.headers) });
};
const judge = (each: ReturnType<typeof letter>, rule?: () => void) =>
  refusalOf(each, { route: { ...route, ...(rule && { refuse: rule }) }, target: "things", now: 0 });

test("a dead letter goes back as it came, with one header that counts", () => {
  expect(toReplay(letter(), "things")).toEqual({
    topic: "things",
    key: Buffer.from("k"),
    value: Buffer.from("v"),
    headers: [
      ...bytes([
        ["ce_id", "e1"],
        ["ce_type", "thing.made"],
        ["x", "1"],
        ["x", "2"],
      ]),
      ["sluice_replays", "1"],
    ],
  });
  const again = toReplay(letter([["sluice_replays", "3"]]), "things").headers;
  expect(again.filter(([name]) => name === "sluice_replays")).toEqual([["sluice_replays", "4"]]);
});

test.each<[string, Headers, string | undefined]>([
  ["never replayed", [], undefined],
  ["replayed 4 times", [["sluice_replays", "4"]], undefined],
  ["replayed 5 times", [["sluice_replays", "5"]], "replayed-too-often"],
  ["with a count that is none", [["sluice_replays", "many"]], "replayed-too-often"],
])("one %s: %s -> %s", (_, headers, refusal) => {
  expect(judge(letter(headers))).toBe(refusal);
});

test("what came from elsewhere, or does not say from where, is refused; and what the route's rule refuses", () => {
  expect(judge(letter([], "other"))).toBe("wrong-target");
  const { record } = letter();
  expect(judge(toLetter({ ...record, headers: record.headers.slice(0, 2) }))).toBe("not-a-dead-letter");
  const tooOld = () => {
    throw new SluiceError("too-old", "no");
  };
  expect(judge(letter(), tooOld)).toBe("too-old");
  const bug = () => judge(letter(), () => void (undefined as unknown as string).length);
  expect(bug).toThrow(TypeError);
});

test("the target is the origin or the run is refused", () => {
  expect(() => requireOrigin(route, "things")).not.toThrow();
  expect(() => requireOrigin(route, "dlq.things")).toThrow(expect.objectContaining({ code: "wrong-target" }));
});

test.each([
  [{}, true],
  [{ eventIds: ["e0", "e1"], reason: "not-json", type: "thing.made" }, true],
  [{ eventIds: ["e0"] }, false],
  [{ reason: "wrong-schema" }, false],
  [{ type: "thing.unmade" }, false],
  [{ since: new Date(1_000), until: new Date(1_001) }, true],
  [{ since: new Date(1_001) }, false],
  [{ until: new Date(1_000) }, false],
])("filter %j: %s", (filter, expected) => {
  expect(matches(filter, letter())).toBe(expected);
});
