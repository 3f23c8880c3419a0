import { LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, expect, test } from "vitest";
import { silentLog } from "../../shared/observability/logger.ts";
import { PAYLOAD_LIMIT_BYTES } from "../host/process/messages.ts";
import { tailLines } from "../invoke/tail-lines.ts";
import { lambdaPool } from "./lambda-pool.ts";

const client = new LambdaClient({
  ...{ endpoint: "http://127.0.0.1:1", region: "us-east-1", maxAttempts: 1 },
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
});
afterAll(() => client.destroy());
const pool = lambdaPool({ name: "f", functionName: "f", client, onLine: () => {}, log: silentLog });

test("a payload over 6 MB is refused before it is sent, as no emulator refuses it", async () => {
  const payload = (bytes: number) => JSON.stringify("x".repeat(bytes - 2));
  expect(await pool.invoke(payload(PAYLOAD_LIMIT_BYTES + 1))).toMatchObject({ ok: false, reason: "too-large" });
  expect(await pool.invoke(payload(PAYLOAD_LIMIT_BYTES))).toMatchObject({ ok: false, reason: "unavailable" });
});

test("a Lambda that is away makes a function that cannot be invoked: what it was to have comes again", async () => {
  const result = await pool.invoke("{}");
  expect(result).toMatchObject({ ok: false, reason: "unavailable", error: { errorMessage: expect.any(String) } });
});

test("of a log's tail the first line is left out when it may be cut off", () => {
  expect(tailLines("")).toEqual([]);
  expect(tailLines("one\ntwo\n")).toEqual(["one", "two"]);
  expect(tailLines(`${"x".repeat(4089)}\nwhole\n`)).toEqual(["whole"]);
});
