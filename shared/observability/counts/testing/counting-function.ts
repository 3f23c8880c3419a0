import { connect } from "../../../postgres/connect.ts";
import { createObservability, observed } from "../../observed.ts";

const observability = createObservability("counting-function");
const db = connect({ url: process.env["DATABASE_URL"] ?? "", max: 1 });
const countsEveryMs = process.env["COUNTS_EVERY_MS"];
const counting = { ...observability, db, ...(countsEveryMs && { countsEveryMs: Number(countsEveryMs) }) };

/** Counts what it is told to. */
export const handler = observed(counting, async ({ done }: { readonly done: number }) => {
  observability.meter.count("Done", done);
  if (done < 0) throw new RangeError("nothing can be undone");
});
