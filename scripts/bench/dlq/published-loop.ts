import { Kafka, logLevel, Partitioners } from "kafkajs-published";

/**
 * The baseline: a plain loop with kafkajs as it is published. A consumer reads the dead letters from the beginning, a producer sends each
 * batch on without the headers that dead-lettering added; no ledger, no filter, no rules. Prints the milliseconds from the first batch to the
 * last acknowledgement: joining the group is not counted.
 */
const { BROKERS = "", TOPIC = "", TARGET: topic = "", RECORDS = "0" } = process.env;
const records = Number(RECORDS);
const kafka = new Kafka({ brokers: BROKERS.split(","), clientId: "published-loop", logLevel: logLevel.ERROR });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false });
const consumer = kafka.consumer({ groupId: `bench-${TOPIC}-${process.pid}` });
await Promise.all([producer.connect(), consumer.connect()]);
await consumer.subscribe({ topic: TOPIC, fromBeginning: true });

const { promise: done, resolve } = Promise.withResolvers<number>();
let began = 0;
let sent = 0;
await consumer.run({
  eachBatch: async ({ batch: { messages } }) => {
    began ||= performance.now();
    const own = messages.map(({ key, value, headers = {} }) => ({
      ...{ key, value },
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(kafka_dlt-|sluice_)/.test(name))),
    }));
    await producer.send({ topic, acks: -1, messages: own });
    sent += own.length;
    if (sent >= records) resolve(performance.now() - began);
  },
});
const milliseconds = await done;
const peakRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(`${JSON.stringify({ milliseconds, replayed: sent, peakRssMb })}\n`, () => process.exit(0));
