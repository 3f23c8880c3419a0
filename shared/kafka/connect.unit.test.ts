import { logLevel } from "kafkajs";
import { expect, test, vi } from "vitest";
import { silentLog } from "../observability/logger.ts";
import { logTo } from "./connect.ts";
import { createKafka } from "./create-kafka.ts";

test("kafkajs's errors are heard as warnings, with their fields and without its stacks", () => {
  const warn = vi.fn();
  const entry = { timestamp: "t", logger: "kafkajs", message: "Connection error", broker: "b:1", stack: "…" };
  logTo({ ...silentLog, warn })(logLevel.WARN)({
    namespace: "Connection",
    level: logLevel.ERROR,
    label: "ERROR",
    log: entry,
  });
  expect(warn).toHaveBeenCalledExactlyOnceWith("kafkajs: Connection error", {
    kafkajs_part: "Connection",
    broker: "b:1",
  });
});

test("a client opens nothing until it is asked to", () => {
  const kafka = createKafka({ brokers: ["203.0.113.1:1"], clientId: "c", ssl: true, log: silentLog });
  kafka.consumer({ groupId: "g" });
  kafka.admin();
  expect(process.getActiveResourcesInfo().filter((it) => it.startsWith("TCP") || it === "TLSWrap")).toEqual([]);
});
