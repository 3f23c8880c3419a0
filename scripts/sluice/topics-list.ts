import type { Command } from "./command.ts";
import { table } from "./table.ts";

/** The cluster's topics by name. */
export const command: Command = {
  describe: "the topics of the cluster",
  effect: "reads",
  run: async ({ address, print }) => {
    const { createKafka } = await import("../../shared/kafka/connect.ts");
    const { silentLog } = await import("../../shared/observability/logger.ts");
    const brokers = (await address("kafka")).split(",");
    const admin = createKafka({ brokers, clientId: "sluice", log: silentLog }).admin();
    await admin.connect();
    const topics = (await admin.listTopics()).sort().map((topic) => ({ topic }));
    await admin.disconnect();
    print(topics, (rows) => table([["TOPIC", ({ topic }) => topic]], rows));
  },
};
