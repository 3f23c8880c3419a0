import { pauseCommand } from "./pause.ts";

export const command = pauseCommand({
  verb: "pause",
  operation: "outbox pause",
  describe: "holds the publisher off until it is resumed: what is written waits",
  functionOf: async () => "outbox-publisher",
});
