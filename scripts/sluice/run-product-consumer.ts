import { runConsumerCommand } from "./run-consumer.ts";

export const command = runConsumerCommand("run_product_consumer", {
  functionName: "product-command-consumer",
  describe: "does the commands that are there, once: product-command-consumer's old name; acts at once",
});
