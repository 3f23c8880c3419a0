import { hostname } from "node:os";
import type { PlanParts } from "../../shared/operations/rewind/plan-rewind.ts";
import type { RewindParts } from "../../shared/operations/rewind/rewind-parts.ts";
import type { Context } from "./command.ts";
import { kafkaTarget } from "./kafka-target.ts";
import { withCluster } from "./with-cluster.ts";
import { withDatabase } from "./with-database.ts";

/** So long after its last word a tool that was killed is taken for dead. */
const LEASE_MS = 10_000;
/** A function behind a mapping may take 14 minutes to end the batch in hand. */
const DISABLE_MS = 15 * 60_000;
const EMPTY_MS = 60_000;

type Given = Pick<Context, "address" | "clock" | "env" | "target">;

/** What a plan needs: Kafka, and the mappings to know their members. */
export const withPlanParts = async <Answer>(
  context: Given,
  work: (parts: Omit<PlanParts, "offsets"> & Pick<RewindParts, "offsets" | "reader" | "mapping">) => Promise<Answer>,
): Promise<Answer> => {
  const { consumerGroups } = await import("../../shared/catalogue/groups.ts");
  const { kafkaGroupOffsets } = await import("../../shared/kafka/group-offsets.ts");
  const offsets = kafkaGroupOffsets({ connection: await kafkaTarget(context) });
  const { mapping } = context.target;
  try {
    return await withCluster(context, (reader) =>
      work({ registry: consumerGroups, reader, offsets, mapping, clock: context.clock }),
    );
  } finally {
    offsets.close();
  }
};

/** What applying needs beside. */
export const withRewindParts = <Answer>(
  context: Given & Pick<Context, "err">,
  work: (parts: RewindParts) => Promise<Answer>,
): Promise<Answer> =>
  withPlanParts(context, (parts) =>
    withDatabase(context, (db) =>
      work({
        ...parts,
        db,
        owner: `process ${process.pid} on ${hostname()}`,
        ...{ leaseMs: LEASE_MS, disableMs: DISABLE_MS, emptyMs: EMPTY_MS },
        log: (line) => context.err(`${line}\n`),
      }),
    ),
  );
