import { rewindCommand } from "./rewind-command.ts";

export const command = rewindCommand(
  "groups reset-offsets",
  "the same as `replay`, under the name that Kafka's own tool has for it",
);
