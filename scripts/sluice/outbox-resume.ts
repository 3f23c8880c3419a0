import { pauseCommand } from "./pause.ts";

export const command = pauseCommand({
  verb: "resume",
  operation: "outbox resume",
  describe: "lets the publisher run again",
  functionOf: async () => "outbox-publisher",
});
