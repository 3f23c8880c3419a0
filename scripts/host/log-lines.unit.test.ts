import { expect, test } from "vitest";
import { logLines } from "./log-lines.ts";
import { createMetricsStore, foldingMetrics } from "./metrics-store.ts";

const written = (options: { json?: boolean; colour?: boolean }, ...lines: string[]): string => {
  let text = "";
  const sink = logLines({ write: (more) => (text += more), colour: false, json: false, width: 8, ...options });
  for (const line of lines) sink("api", line);
  return text;
};

const entry = JSON.stringify({
  level: "WARN",
  message: "slow answer",
  service: "api",
  timestamp: "2026-11-23T08:00:00.000Z",
  request_id: "r-1",
  took: 812,
  why: "a lock",
});

test("a structured line is shown in short, a plain one as it is", () => {
  expect(written({}, entry, "plain text")).toBe(
    'api      | WARN slow answer request_id=r-1 took=812 why="a lock"\napi      | plain text\n',
  );
});

test("hint and stack come below the message", () => {
  const line = JSON.stringify({ level: "ERROR", message: "no", hint: "do this", stack: "    at a\n    at b" });
  expect(written({}, line)).toBe("api      | ERROR no\napi      |   do this\napi      |   at a\napi      |   at b\n");
});

test("for programs, lines go out as they were written", () => {
  expect(written({ json: true }, entry)).toBe(`${entry}\n`);
});

test("in colour, text without the colours is the same", () => {
  const coloured = written({ colour: true }, entry);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  expect(coloured.replaceAll(/\u001b\[\d+m/g, "")).toBe(written({}, entry));
  expect(coloured).not.toBe(written({}, entry));
});

const embedded = (values: Record<string, number | number[]>) =>
  JSON.stringify({
    _aws: {
      Timestamp: 1,
      CloudWatchMetrics: [
        {
          Namespace: "sluice",
          Dimensions: [["service"]],
          Metrics: Object.keys(values).map((Name) => ({ Name, Unit: "Count" })),
        },
      ],
    },
    service: "api",
    ...values,
  });

test("metric lines are summed by function, not shown", () => {
  const shown: string[] = [];
  const store = createMetricsStore();
  const sink = foldingMetrics(store, (_source, line) => shown.push(line));
  sink("api", embedded({ Applied: 2, Duplicate: 1 }));
  sink("api", embedded({ Applied: [3, 4] }));
  sink("other", embedded({ Applied: 1 }));
  sink("api", '{"_aws": broken');
  expect(store.sums()).toEqual({
    api: {
      Applied: { sum: 9, samples: 3, max: 4, unit: "Count" },
      Duplicate: { sum: 1, samples: 1, max: 1, unit: "Count" },
    },
    other: { Applied: { sum: 1, samples: 1, max: 1, unit: "Count" } },
  });
  expect(shown).toEqual(['{"_aws": broken']);
});
