import { consumerGroups } from "../../../shared/catalogue/groups.ts";
import { ensureProductReadModels } from "../../../shared/catalogue/product-read-models.ts";
import { kafkaClusterReader } from "../../../shared/kafka/cluster-reader.ts";
import type { ProjectionGroup } from "../../../shared/messaging/consumer-groups.ts";
import { SluiceError } from "../../../shared/messaging/sluice-error.ts";
import { silentLog } from "../../../shared/observability/logger.ts";
import { advanceRebuild } from "../../../shared/operations/rebuild/advance-rebuild.ts";
import { beginCourse } from "../../../shared/operations/rebuild/begin-course.ts";
import type { RebuildParts } from "../../../shared/operations/rebuild/rebuild-parts.ts";
import type { RebuildRun } from "../../../shared/operations/rebuild/rebuild-run.ts";
import { startRebuild } from "../../../shared/operations/rebuild/start-rebuild.ts";
import { indexesOf } from "../../../shared/search/ensure-index.ts";
import { deleteIndex } from "../../../shared/search/index-upkeep.ts";

export type RebuilderOptions = Pick<RebuildParts, "db" | "search" | "model"> & { readonly brokers: string };

const operator = { actor: "bench" };
const { signal } = new AbortController();

const requireDone = ({ step, note, fault }: RebuildRun): void => {
  if (step !== undefined) throw new SluiceError("bench-failed", `the rebuild stopped at ${step}: ${note ?? fault}`);
};

/** Rebuilds with the settings that the tool has; answers the seconds from the start to the swap. */
export const openRebuilder = async ({ db, search, model, brokers }: RebuilderOptions) => {
  const { alias } = model.index;
  await ensureProductReadModels({ db, search, alias, log: () => {} });
  const reader = kafkaClusterReader({
    connection: { brokers: brokers.split(","), clientId: "bench", log: silentLog },
  });
  const group = consumerGroups.groups.find(({ kind }) => kind === "projection") as ProjectionGroup;
  const parts: RebuildParts = {
    ...{ db, search, model, reader, group, mapping: { isReading: async () => false } },
    ...{ clock: Date.now, owner: "bench", leaseMs: 10_000, pageSize: 1_000, stallMs: 30_000, parityMs: 30_000 },
    ...{ freshMs: 900_000, log: () => {} },
  };
  const loadRates: number[] = [];
  const retire = async () => {
    const { id } = await beginCourse(parts, "retire", operator);
    requireDone(await advanceRebuild(parts, { id, signal }));
  };
  return {
    loadRates,
    rebuild: async (): Promise<number> => {
      await db.query({ text: "checkpoint" });
      const began = performance.now();
      const { id } = await startRebuild(parts, operator);
      const built = await advanceRebuild(parts, { id, signal });
      requireDone(built);
      await beginCourse(parts, "swap", operator);
      requireDone(await advanceRebuild(parts, { id, signal }));
      const seconds = (performance.now() - began) / 1000;
      loadRates.push((built.total * 1000) / (built.loadMs ?? 1));
      await retire();
      return seconds;
    },
    close: async () => {
      reader.close();
      for (const index of await indexesOf(search, alias)) await deleteIndex(search, index);
    },
  };
};
