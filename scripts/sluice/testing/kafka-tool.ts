import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ensureJars, kafkaJars } from "../../stack/jars.ts";
import { requireJava } from "../../stack/java.ts";
import { sharedCache } from "../../stack/paths.ts";

const GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";

/** What Kafka's own `kafka-consumer-groups.sh` prints, from the jars that the stack runs. */
export const consumerGroupCommand = async (brokers: string, ...args: readonly string[]): Promise<string> => {
  const classPath = await ensureJars(kafkaJars, sharedCache, () => {});
  const command = ["-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", classPath, GROUPS, "--bootstrap-server", brokers];
  const { stdout } = await promisify(execFile)(requireJava().command, [...command, ...args]);
  return stdout;
};
