/** A consumer that counts what its records say, and writes down what it got. A value `fail` fails the batch. */
import { fromMskEvent, type MskEvent } from "../../../shared/kafka/msk-event.ts";

const embedded = (metrics: Readonly<Record<string, number>>) =>
  JSON.stringify({
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [
        { Namespace: "t", Dimensions: [[]], Metrics: Object.keys(metrics).map((Name) => ({ Name, Unit: "Count" })) },
      ],
    },
    ...metrics,
  });

export const handler = async (event: MskEvent): Promise<void> => {
  const texts = fromMskEvent(event).map(({ value }) => Buffer.from(value ?? []).toString());
  if (texts.includes("fail")) throw new Error("as asked");
  const duplicates = texts.filter((text) => text === "again").length;
  console.log(embedded({ Applied: texts.length - duplicates, Duplicate: duplicates }));
  console.log(JSON.stringify({ level: "INFO", message: "got", texts }));
};
