import type { CommandFile } from "./command.ts";

/** Every command by its words, in the order of the manual. */
export const commands: Readonly<Record<string, CommandFile>> = {
  "topics list": () => import("./topics-list.ts"),
};
