import { Option } from "commander";
import type { RepairPlan } from "../../shared/operations/parity/repair-read-model.ts";
import { actorOf } from "./actor.ts";
import type { Command } from "./command.ts";
import { someWords } from "./option-values.ts";
import { table } from "./table.ts";
import { withParityParts } from "./with-rebuild.ts";

type Flags = { readonly reason?: string };

const text = ({ id, version, archived, targets, differences }: RepairPlan): string =>
  table(
    [
      ["ID", () => id],
      ["READ-MODEL", ({ kind }) => kind],
      ["NAME", ({ name }) => name],
      ["WAS", ({ name }) => differences.find(({ target }) => target === name)?.what ?? "equal"],
      ["VERSION", () => version],
      ["ARCHIVED", () => (archived ? "yes" : "no")],
    ],
    targets,
  );

/** One document and one row, from the write model; an equal version is written again. */
export const command: Command<Flags> = {
  describe: "writes one document and its row anew from the write model, to every target",
  effect: "plans",
  args: ["<id>"],
  options: [new Option("--reason <words>", "why; kept in the audit").argParser(someWords)],
  run: async (context) => {
    const { planRepair, repairReadModel } = await import("../../shared/operations/parity/repair-read-model.ts");
    const { args, flags, env, execute, err } = context;
    const id = args[0] as string;
    const plan = await withParityParts(context, (parts) =>
      execute ? repairReadModel(parts, id, { actor: actorOf(env), reason: flags.reason }) : planRepair(parts, id),
    );
    context.print({ ...plan, executed: execute }, text);
    if (!execute) err("dry run: nothing was changed; --execute does it\n");
  },
};
