import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { Command } from "./command.ts";
import { withDatabase } from "./with-database.ts";

export const command: Command = {
  describe:
    "how a rebuild stands, the newest unless one is named: its step, its targets, what the comparison has found",
  effect: "reads",
  args: ["[run]"],
  run: (context) =>
    withDatabase(context, async (db) => {
      const { productProjection } = await import("../../shared/catalogue/product-projection.ts");
      const { findNewestRebuild, findRebuild } = await import("../../shared/operations/rebuild/find-rebuild.ts");
      const { showRebuild } = await import("./show-rebuild.ts");
      const [id] = context.args;
      const run = id === undefined ? await findNewestRebuild(db, productProjection.name) : await findRebuild(db, id);
      if (run === undefined)
        throw new SluiceError("unknown-run", "there was no rebuild yet", { hint: "`sluice rebuild start` plans one" });
      await showRebuild(context, db, run);
    }),
};
