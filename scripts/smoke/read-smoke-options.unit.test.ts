import { describe, expect, test } from "vitest";
import { memoryTerminal } from "../sluice/testing/memory-terminal.ts";
import { readSmokeOptions } from "./read-smoke-options.ts";

type Environment = Readonly<Record<string, string>>;

const read = (words: string, env: Environment = {}) =>
  readSmokeOptions(memoryTerminal(words.split(" ").filter(Boolean), { env }).terminal);

describe("what is read", () => {
  test("a URL loses the slash at its end and keeps its path", () => {
    expect(read("--url https://x.example/")?.url).toBe("https://x.example");
    expect(read("--url http://127.0.0.1:4566/_aws/execute-api/a/$default")?.url).toMatch(/\/a\/\$default$/);
  });

  test.each([
    ["--url http://localhost:8000", "local"],
    ["--url http://127.0.0.1:8000", "local"],
    ["--url http://[::1]:8000", "local"],
    ["--url http://127.0.0.1:8000 --stage emulated", "emulated"],
    ["--url https://abc.execute-api.eu-west-1.amazonaws.com", undefined],
    ["--url https://localhost.example", undefined],
    ["--url https://abc.example --stage dev", "dev"],
  ])("the rewind is that of the stage that is named, or of this machine where the URL is: %s", (words, stage) => {
    expect(read(words)?.stage).toBe(stage);
  });

  test("tokens come by option or environment, the option first; an empty variable is none", () => {
    const env = { SLUICE_TOKEN: "a", METRICS_TOKEN: "m" };
    expect(read("--url http://x", env)).toMatchObject({ token: "a", metricsToken: "m" });
    expect(read("--url http://x --token b", env)).toMatchObject({ token: "b", metricsToken: "m" });
    const empty = { SLUICE_TOKEN: "", METRICS_TOKEN: "" };
    expect(read("--url http://x", empty)).toMatchObject({ token: undefined, metricsToken: undefined });
  });

  test("the rewind is executed where that is asked for, and planned elsewhere", () => {
    expect(read("--url http://localhost:8000")?.rewind).toBe(false);
    expect(read("--url http://localhost:8000 --rewind")?.rewind).toBe(true);
    expect(read("--url https://abc.example --stage dev --rewind")?.rewind).toBe(true);
  });

  test("help is no fault", () => {
    const { terminal, written } = memoryTerminal(["--help"]);
    expect(readSmokeOptions(terminal)).toBeUndefined();
    expect(written.out).toMatch(/^Usage: npm run smoke -- /);
  });
});

test.each([
  ["", "--url is missing"],
  ["--ulr http://x", "there is no option --ulr"],
  ["--url x.example", "begins with http:// or https://"],
  ["--url ftp://x.example", "begins with http:// or https://"],
  ["--url https://x.example?stage=1", "without user, ? and #"],
  ["--url https://ann:secret@x.example", "without user, ? and #"],
  ["--url http://x --token=", "--token takes a token"],
  ["--url http://x --metrics-token=", "--metrics-token takes a token"],
  ["--url http://x --stage=", "nothing is no stage's name"],
  ["--url http://x --stage ../dev", "../dev is no stage's name"],
  ["--url https://x.example --rewind", "--rewind wants --stage"],
  ["--url https://x.example --stage prod --rewind", "--rewind is not for prod"],
  ["--url http://x --deadline 0", "a whole number from 1"],
  ["--url http://x more", "too many arguments"],
])("is refused, in one line and a hint: %s", (words, message) => {
  const fault = expect.objectContaining({
    code: "usage",
    message: expect.stringMatching(/^[^\n]+$/),
    hint: expect.stringContaining("npm run smoke"),
  });
  expect(() => read(words)).toThrow(fault);
  expect(() => read(words)).toThrow(message);
});
