import type { Command } from "../../scripts/sluice/command.ts";
import type { Commands } from "../../scripts/sluice/find-command.ts";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";

/** What only the state machines do: it takes longer than an invocation, or needs what this function's role may not. */
const byMachines = new Set([
  ...["replay", "groups reset-offsets", "replay undo", "replay status", "dlq replay", "replay_dlq"],
  ...["rebuild start", "rebuild swap", "rebuild rollback", "rebuild retire", "rebuild abort"],
]);

/** By itself, whoever asks: this function changes no mapping and no offset. */
const refusing = (name: string, command: Command): Command => ({
  ...command,
  run: async (context) => {
    if (context.execute)
      throw new SluiceError("not-here", `\`${name}\` is done by a state machine, not by the operations function`, {
        hint: "`sluice … --stage NAME` starts it",
      });
    return command.run(context);
  },
});

/** The tool's commands as they are, but those that state machines do: of these the plan alone. */
export const withoutExecutions = (commands: Commands): Commands =>
  Object.fromEntries(
    Object.entries(commands).map(([name, file]) => [
      name,
      byMachines.has(name) ? async () => ({ command: refusing(name, (await file()).command) }) : file,
    ]),
  );
