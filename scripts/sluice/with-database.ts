import type { Database } from "../../shared/postgres/queryable.ts";
import type { Context } from "./command.ts";

/** Works on the target's database; what was opened is closed again. The client is imported here and not before. */
export const withDatabase = async <Answer>(
  { address, env }: Pick<Context, "address" | "env">,
  work: (db: Database) => Promise<Answer>,
): Promise<Answer> => {
  const url = await address("postgres");
  const { connect } = await import("../../shared/postgres/connect.ts");
  const pooler = env["DATABASE_POOLER"] === "transaction" ? "transaction" : "none";
  const db = connect({ url, pooler, max: 3, applicationName: "sluice-cli" });
  try {
    return await work(db);
  } finally {
    await db.end();
  }
};
