import { hostname } from "node:os";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { ParityParts } from "../../shared/operations/parity/parity-parts.ts";
import type { RebuildParts } from "../../shared/operations/rebuild/rebuild-parts.ts";
import type { Context } from "./command.ts";
import { withCluster } from "./with-cluster.ts";
import { withDatabase } from "./with-database.ts";
import { withSearch } from "./with-search.ts";

/** So long after its last word a tool that was killed is taken for dead. */
const LEASE_MS = 10_000;
const PAGE_SIZE = 1_000;
const STALL_MS = 30_000;
const PARITY_MS = 30_000;
const FRESH_MS = 15 * 60_000;

type Given = Pick<Context, "address" | "clock" | "env" | "err" | "target">;

/** What comparing the read models with the write model needs. */
export const withParityParts = <Answer>(
  context: Given,
  work: (parts: ParityParts) => Promise<Answer>,
): Promise<Answer> =>
  withDatabase(context, (db) =>
    withSearch(context, async (search) => {
      const { productReadModel } = await import("../../shared/catalogue/product-read-model.ts");
      return work({ db, search, model: productReadModel(), clock: context.clock });
    }),
  );

/** The group that keeps these read models. */
const projectingGroup = async (projection: string) => {
  const { consumerGroups } = await import("../../shared/catalogue/groups.ts");
  for (const group of consumerGroups.groups)
    if (group.kind === "projection" && group.projection === projection) return group;
  throw new SluiceError("unknown-group", `no consumer group keeps ${projection}`);
};

/** What rebuilding needs beside. */
export const withRebuildParts = <Answer>(
  context: Given,
  work: (parts: RebuildParts) => Promise<Answer>,
): Promise<Answer> =>
  withDatabase(context, (db) =>
    withSearch(context, (search) =>
      withCluster(context, async (reader) => {
        const { productReadModel } = await import("../../shared/catalogue/product-read-model.ts");
        const model = productReadModel();
        return work({
          ...{ db, search, reader, model, group: await projectingGroup(model.projection), clock: context.clock },
          mapping: context.target.mapping,
          owner: `process ${process.pid} on ${hostname()}`,
          ...{ leaseMs: LEASE_MS, pageSize: PAGE_SIZE, stallMs: STALL_MS, parityMs: PARITY_MS, freshMs: FRESH_MS },
          log: (line) => context.err(`${line}\n`),
        });
      }),
    ),
  );
