import { SluiceError } from "../../messaging/sluice-error.ts";
import { isUuidV7 } from "../../messaging/uuid-v7.ts";
import { type ParkedOutboxRow, parkedRows } from "../../outbox/parked-rows.ts";
import { skip } from "../../outbox/skip.ts";
import { unpark } from "../../outbox/unpark.ts";
import type { Database, Queryable } from "../../postgres/queryable.ts";
import { auditedTransaction } from "../audit/audited-transaction.ts";

/** `unpark` sends a parked row again, `skip` gives it up for good. Either way the rows behind it go on. */
export type SettleVerb = "unpark" | "skip";

export type SettleRequest = {
  readonly verb: SettleVerb;
  /** Of the row: its number or its event id. */
  readonly id: string;
  /** The operator's word, kept on the row and in the audit. */
  readonly reason: string;
  readonly actor: string;
  /** Throws for a row that must not be sent again. */
  readonly refuse: (row: ParkedOutboxRow) => void;
};

type State = { readonly status: string; readonly reason?: string };

export type Settlement = {
  readonly verb: SettleVerb;
  readonly row: ParkedOutboxRow;
  readonly before: State;
  readonly after: State;
};

const verbs = { unpark: { work: unpark, status: "PENDING" }, skip: { work: skip, status: "SKIPPED" } } as const;

const notParked = (id: string): SluiceError =>
  new SluiceError("not-parked", `no parked row has the id ${id}`, {
    hint: `\`sluice outbox parked\` lists those that are${isUuidV7(id) ? `; \`sluice trace ${id}\` tells what became of it` : ""}`,
  });

const requireId = (id: string): void => {
  if (!isUuidV7(id) && !/^\d{1,15}$/.test(id))
    throw new SluiceError("usage", `${id} is neither a row's number nor an event id`);
};

const find = async (db: Queryable, id: string): Promise<ParkedOutboxRow> => {
  const [row] = await parkedRows(db, { ...(isUuidV7(id) ? { eventId: id } : { id: Number(id) }), limit: 1 });
  if (row === undefined) throw notParked(id);
  return row;
};

/**
 * What would become of a parked row. Changes nothing.
 * @throws SluiceError `usage`, `not-parked`, and what `refuse` throws
 */
export const planSettlement = async (
  db: Queryable,
  { verb, id, reason, refuse }: Omit<SettleRequest, "actor">,
): Promise<Settlement> => {
  requireId(id);
  const row = await find(db, id);
  if (verb === "unpark") refuse(row);
  return { verb, row, before: { status: "PARKED" }, after: { status: verbs[verb].status, reason } };
};

/** Does it, with its row of the audit in the same transaction. @throws as the plan does */
export const settleParked = async (db: Database, request: SettleRequest): Promise<Settlement> => {
  const { verb, id, reason, actor } = request;
  requireId(id); // what was not understood is nothing to be audited
  return auditedTransaction(db, { actor, operation: `outbox ${verb}`, target: id, reason }, async (tx, audit) => {
    const plan = await planSettlement(tx, request);
    audit.before({ ...plan.row, ...plan.before });
    const changed = await verbs[verb].work(tx, [plan.row.id], reason);
    if (changed.length === 0) throw notParked(id); // somebody else was faster
    audit.after({ id: plan.row.id, ...plan.after });
    return plan;
  });
};
