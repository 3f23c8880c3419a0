import { functionOfGroup, type GroupFlag, groupOption } from "./group-function.ts";
import { pauseCommand } from "./pause.ts";

export const command = pauseCommand<GroupFlag>({
  verb: "pause",
  operation: "groups pause",
  describe: "holds a group's consumer off until it is resumed: what is sent waits",
  options: [groupOption],
  functionOf: functionOfGroup,
});
