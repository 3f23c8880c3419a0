import { Option } from "commander";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { VerifyReport } from "../../shared/operations/parity/verify-read-models.ts";
import type { Command } from "./command.ts";
import { wholeNumber } from "./option-values.ts";
import { differenceText } from "./rebuild-tables.ts";
import { table } from "./table.ts";
import { withParityParts } from "./with-rebuild.ts";

type Flags = { readonly sample?: number };

/** As long as an event is on its way when nothing is amiss, and some more. */
const LIMIT_MS = 10_000;
const EVERY_MS = 1_000;

const text = ({ projection, targets, compared, differences, complete }: VerifyReport): string =>
  [
    table(
      [
        ["READ-MODEL", () => projection],
        ["NAMES", () => targets.map(({ name }) => name).join(",")],
        ["COMPARED", () => compared],
        ["DIFFERENCES", () => `${differences.length}${complete ? "" : " or more"}`],
      ],
      [targets],
    ),
    ...(differences.length === 0 ? [] : ["", differenceText(differences)]),
  ].join("\n");

/** Writes that are on their way are waited for; so what is listed stays as it is unless somebody does something. */
export const command: Command<Flags> = {
  describe: "compares the read models with the write model: every row's version and content, or a sample's",
  effect: "reads",
  options: [new Option("--sample <count>", "so many rows, from places by chance").argParser(wholeNumber)],
  run: async (context) => {
    const { verifyReadModels } = await import("../../shared/operations/parity/verify-read-models.ts");
    const { flags, clock, err } = context;
    let told = clock();
    const onProgress = (compared: number): void => {
      if (clock() - told < EVERY_MS) return;
      told = clock();
      err(`${compared} rows compared\n`);
    };
    const signal = context.signal();
    const request = { sample: flags.sample, limitMs: LIMIT_MS, signal, onProgress };
    const report = await withParityParts(context, (parts) => verifyReadModels(parts, request)).catch((fault) => {
      throw signal.aborted ? new SluiceError("interrupted", "stopped before all was compared") : fault;
    });
    context.print(report, text);
    if (report.differences.length > 0)
      throw new SluiceError("read-models-differ", `the read models differ in ${report.differences.length} places`, {
        hint: "`sluice groups describe` tells whether they are merely late; `sluice projection repair ID` mends one, a rebuild all",
      });
  },
};
