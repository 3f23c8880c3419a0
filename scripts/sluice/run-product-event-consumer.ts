import { runConsumerCommand } from "./run-consumer.ts";

export const command = runConsumerCommand("run_product_event_consumer", {
  functionName: "product-event-consumer",
  describe: "applies the events that are there to the read models, once; acts at once",
});
