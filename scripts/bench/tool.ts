import { spawn } from "node:child_process";
import { Kafka, logLevel } from "kafkajs";
import { ensureTopics } from "../../shared/kafka/topics.ts";
import { ensureJars, kafkaJars } from "../stack/jars.ts";
import { requireJava } from "../stack/java.ts";
import { sharedCache } from "../stack/paths.ts";
import { type Bench, median, percentile } from "./bench.ts";

const runs = 15;
const partitions = 6;
const perPartition = 1_000;

/** Tells its peak at its end, on standard error. */
const tellPeak =
  'data:text/javascript,process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS+"\\n"))';

type Way = { readonly command: string; readonly args: readonly string[]; readonly env?: NodeJS.ProcessEnv };
type Timed = { readonly milliseconds: number; readonly peakMb: number };

/** A group that has read half of what is in each partition, and is not there now. */
const groupThatIsBehind = async (brokers: string, name: string) => {
  const kafka = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  const topic = { name, partitions, retentionMs: 3_600_000 };
  await ensureTopics(brokers, [topic], {
    replicationFactor: 1,
    minInsyncReplicas: 1,
  });
  await Promise.all([admin.connect(), producer.connect()]);
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  const messages = all.flatMap((partition) => Array.from({ length: perPartition }, () => ({ partition, value: "v" })));
  await producer.send({ topic: name, messages });
  const offsets = all.map((partition) => ({ partition, offset: String(perPartition / 2) }));
  await admin.setOffsets({ groupId: name, topic: name, partitions: offsets });
  return {
    [Symbol.asyncDispose]: async () => {
      await admin.deleteGroups([name]);
      await admin.deleteTopics({ topics: [name] });
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    },
  };
};

/** From the start of the process to its end. */
const timed = ({ command, args, env = {} }: Way, group: string): Promise<Timed> =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.on("data", (more) => (out += more));
    child.stderr.on("data", (more) => (err += more));
    child.on("close", (code) => {
      const milliseconds = performance.now() - began;
      const rows = out.split("\n").filter((line) => line.startsWith(group)).length;
      if (code !== 0 || rows !== partitions) return reject(new Error(`it ended with ${code}: ${out}${err}`));
      resolve({ milliseconds, peakMb: Math.round(Number(/peak (\d+)/.exec(err)?.[1] ?? 0) / 1024) });
    });
  });

/**
 * `sluice groups describe` from a cold start: a new process each time, once with what V8 has compiled before and once without it; beside
 * Kafka's own tool on the same group. By turns.
 */
export const bench: Bench = async ({ addresses: { kafkaBrokers: brokers }, log }) => {
  const group = `bench.tool.${process.hrtime.bigint()}`;
  await using _behind = await groupThatIsBehind(brokers, group);
  const words = ["groups", "describe", "--group", group];
  const tool = { command: process.execPath, args: ["--import", tellPeak, "scripts/sluice.ts", ...words] };
  const classPath = await ensureJars(kafkaJars, sharedCache, log);
  const kafkas = ["-cp", classPath, "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"];
  const ways: Readonly<Record<string, Way>> = {
    "sluice groups describe": { ...tool, env: { KAFKA_BROKERS: brokers } },
    "the same, nothing compiled before": { ...tool, env: { KAFKA_BROKERS: brokers, NODE_DISABLE_COMPILE_CACHE: "1" } },
    "kafka-consumer-groups.sh": {
      command: requireJava().command,
      args: [...kafkas, "--bootstrap-server", brokers, "--describe", "--group", group],
    },
  };
  const found = new Map(Object.keys(ways).map((what) => [what, [] as Timed[]]));
  for (let run = 0; run < runs; run++)
    for (const [what, way] of Object.entries(ways)) found.get(what)?.push(await timed(way, group));
  const of = (what: string) => (found.get(what) ?? []).map(({ milliseconds }) => Math.round(milliseconds));
  const [ours, , theirs] = Object.keys(ways) as [string, string, string];
  const [value, baseline] = [median(of(ours)), median(of(theirs))];
  const peak = (what: string) => Math.max(...(found.get(what) ?? []).map(({ peakMb }) => peakMb));
  return {
    ...{ bench: "tool", value, unit: "ms", baseline, ratio: Math.round((value / baseline) * 100) / 100 },
    peakRssMb: peak(ours),
    table: Object.keys(ways).map((what) => ({
      what,
      p50: median(of(what)),
      p95: percentile(of(what), 0.95),
      max: Math.max(...of(what)),
      "peak MB": peak(what) || "-",
    })),
  };
};
