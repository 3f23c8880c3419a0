import { rewindCommand } from "./rewind-command.ts";

export const command = rewindCommand(
  "replay",
  "sets a projection group's offsets, so that it reads again: a plan, or done",
);
