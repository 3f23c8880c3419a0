import { Kafka, logLevel, type Message, Partitioners } from "kafkajs-published";

/**
 * The baseline: the producer of kafkajs as it is published, with records like those of the relay, all made beforehand, so that nothing but
 * sending is measured. Batch size and sends at a time are the fastest that were found here.
 * Prints the milliseconds from the first send to the last acknowledgement.
 */
const { BROKERS = "", TOPIC = "", RECORDS = "0", KEYS = "1", BATCH = "1000", AT_A_TIME = "1" } = process.env;
const records = Number(RECORDS);
const text = "lorem ipsum ".repeat(60);

const message = (n: number): Message => {
  const key = `0193e7a0-0000-7000-8000-${String(n % Number(KEYS)).padStart(12, "0")}`;
  const at = 1795000000000 + Math.floor(n / 20);
  const head = `{"id":"${key}","version":${n},"text":"`;
  return {
    key,
    value: `${head}${text.slice(0, 498 - head.length)}"}`,
    headers: {
      ce_specversion: "1.0",
      ce_id: `${at
        .toString(16)
        .padStart(12, "0")
        .replace(/^(.{8})/, "$1-")}-7000-a000-${String(n).padStart(12, "0")}`,
      ce_source: "urn:sluice:product-catalogue",
      ce_type: "thing.updated",
      ce_subject: key,
      ce_time: new Date(at).toISOString(),
      "content-type": "application/json",
      ce_dataschema: "urn:sluice:schema:thing.updated:1",
      ce_sequence: String(n),
      ce_correlationid: "0193e7a0-0000-7000-8000-000000000000",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    },
  };
};

const batches = Array.from({ length: Math.ceil(records / Number(BATCH)) }, (_, at) =>
  Array.from({ length: Math.min(Number(BATCH), records - at * Number(BATCH)) }, (_, n) =>
    message(at * Number(BATCH) + n + 1),
  ),
);
const producer = new Kafka({ brokers: BROKERS.split(","), clientId: "published", logLevel: logLevel.ERROR }).producer({
  createPartitioner: Partitioners.DefaultPartitioner,
  allowAutoTopicCreation: false,
});
await producer.connect();
await producer.send({ topic: TOPIC, acks: -1, messages: [message(0)] }); // the topic's leaders are known from here on
const began = performance.now();
const lane = async (): Promise<void> => {
  for (let batch = batches.shift(); batch !== undefined; batch = batches.shift())
    await producer.send({ topic: TOPIC, acks: -1, messages: batch });
};
await Promise.all(Array.from({ length: Number(AT_A_TIME) }, lane));
const milliseconds = performance.now() - began;
await producer.disconnect();
const peakRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(`${JSON.stringify({ milliseconds, peakRssMb })}\n`, () => process.exit(0));
