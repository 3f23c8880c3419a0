import type { Queryable } from "../../postgres/queryable.ts";
import type { AuditEntry } from "./audit-entry.ts";

const text = `
  insert into audit (run, actor, operation, target, outcome, reason, before, after, fault)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;

/** Digits as they are: an offset may be larger than a double can hold. */
const rawNumber = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

const json = (value: unknown): string | null =>
  value === undefined
    ? null
    : JSON.stringify(value, (_key, each) => (typeof each === "bigint" ? rawNumber(String(each)) : each));

/**
 * Writes one row. For a change that is itself rows of this database: in the transaction of the change, so that there is no
 * change without its row. For anything else see `audited`.
 */
export const writeAudit = async (db: Queryable, entry: AuditEntry): Promise<void> => {
  const { run, actor, operation, target, outcome, reason, before, after, fault } = entry;
  const values = [run, actor, operation, target, outcome, reason, json(before), json(after), fault];
  await db.query({ text, values: values.map((value) => value ?? null) });
};
