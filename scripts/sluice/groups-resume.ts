import { functionOfGroup, type GroupFlag, groupOption } from "./group-function.ts";
import { pauseCommand } from "./pause.ts";

export const command = pauseCommand<GroupFlag>({
  verb: "resume",
  operation: "groups resume",
  describe: "lets a group's consumer run again, from where it was",
  options: [groupOption],
  functionOf: functionOfGroup,
});
