import { rewindCommand } from "./rewind-command.ts";

export const command = rewindCommand(
  "groups reset-offsets",
  "`replay` under the name that Kafka's own tool has for it",
);
