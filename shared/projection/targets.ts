import { SluiceError } from "../messaging/sluice-error.ts";
import type { Queryable } from "../postgres/queryable.ts";
import type { EqualVersion } from "../search/bulk-write.ts";

/** `live`: readers see it. `building`: a rebuild fills it. `retiring`: kept fresh for a rollback. Events are written to all of them. */
export type TargetState = "building" | "live" | "retiring";

export type Target = {
  readonly kind: "search" | "table";
  /** Of the concrete index or table. */
  readonly name: string;
  readonly state: TargetState;
};

export type TargetSet = {
  readonly targets: readonly Target[];
  /** `rewrite` while a rewind of this projection is registered, so that it mends what is damaged. */
  readonly equal: EqualVersion;
};

/**
 * Where a batch is to be written, and how. Read for every batch and never kept: a rebuild counts on it that what is consumed
 * after its new targets are committed is written to them.
 * @throws SluiceError `projection-not-installed` (retriable) when a kind has no live target; a batch would be lost to it.
 */
export const readTargets = async (db: Queryable, projection: string): Promise<TargetSet> => {
  const { rows } = await db.query<Target & { rewound: boolean }>({
    name: "read-targets",
    text: `select kind, name, state, exists (select from projection_rewind where projection = $1) as rewound
           from projection_target where projection = $1 order by kind, name`,
    values: [projection],
  });
  for (const kind of ["search", "table"] as const)
    if (!rows.some((row) => row.kind === kind && row.state === "live"))
      throw new SluiceError("projection-not-installed", `projection ${projection} has no live ${kind} target`, {
        canRetry: true,
        hint: "`npm run stack -- up` makes index, alias and target rows; elsewhere the deployment does",
      });
  return {
    targets: rows.map(({ kind, name, state }) => ({ kind, name, state })),
    equal: rows[0]?.rewound ? "rewrite" : "keep",
  };
};
