import type { Queryable } from "../../postgres/queryable.ts";
import { leaseLost, type ReadModelLease } from "./lease.ts";

const text = `
  update read_model_lease set expires_at = clock_timestamp() + $4 * interval '1 millisecond'
  where projection = $1 and run = $2 and epoch = $3`;

/**
 * Tells that the process is alive; with 0 milliseconds, that it goes and leaves the run to another.
 * @throws SluiceError `lease-lost`
 */
export const renewLease = async (db: Queryable, lease: ReadModelLease, leaseMs: number): Promise<void> => {
  const { projection, run, epoch } = lease;
  const { rowCount } = await db.query({ text, values: [projection, run, epoch, leaseMs] });
  if (rowCount === 0) throw leaseLost(lease);
};
