import type { Queryable } from "../../postgres/queryable.ts";
import { leaseLost, type ReadModelLease } from "./lease.ts";

const text = `
  update read_model_lease set run = null, operation = null, owner = null, expires_at = null
  where projection = $1 and run = $2 and epoch = $3`;

/**
 * Gives the lease back: the run is over. In the transaction in which it ends.
 * @throws SluiceError `lease-lost`
 */
export const releaseLease = async (db: Queryable, lease: ReadModelLease): Promise<void> => {
  const { projection, run, epoch } = lease;
  const { rowCount } = await db.query({ text, values: [projection, run, epoch] });
  if (rowCount === 0) throw leaseLost(lease);
};
