import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { typeErrors } from "./testing/type-check.ts";

const repository = join(import.meta.dirname, "..");

test("sst.config.ts and the stacks are right by the types of SST and of AWS, and a wrong argument is not", async () => {
  const folder = mkdtempSync(join(repository, ".sluice/wrong-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const wrong = join(folder, "wrong.ts");
  writeFileSync(
    wrong,
    `new aws.lambda.EventSourceMapping("M", { functionName: "f", batchSize: "many", provisionedPollerConfig: { minPollers: 1 } });\n`,
  );

  const errors = await typeErrors([
    ...[join(repository, "sst.config.ts"), join(import.meta.dirname, "testing/mocked-run.ts")],
    wrong,
  ]);

  expect(errors.filter((line) => !line.includes("wrong.ts"))).toEqual([]);
  expect(errors.join("\n")).toMatch(/wrong\.ts.*TS2322/);
}, 300_000); // the platform is a lot of source
