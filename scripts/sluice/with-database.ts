import type { DatabaseSettings } from "../../shared/postgres/database-settings.ts";
import type { Database } from "../../shared/postgres/queryable.ts";
import type { Context } from "./command.ts";

/** Works on the target's database; what was opened is closed again. The client is imported here and not before. */
export const withDatabase = async <Answer>(
  { address: addressOf, env }: Pick<Context, "address" | "env">,
  work: (db: Database) => Promise<Answer>,
): Promise<Answer> => {
  const url = await addressOf("postgres");
  const { connectDatabase } = await import("../../shared/postgres/database-settings.ts");
  const settings: DatabaseSettings = {
    DATABASE_URL: url,
    DATABASE_POOLER: env["DATABASE_POOLER"] === "transaction" ? "transaction" : "none",
    DATABASE_AUTH: env["DATABASE_AUTH"] === "iam" ? "iam" : "password",
    AWS_REGION: env["AWS_REGION"],
  };
  const db = connectDatabase(settings, { max: 3, applicationName: "sluice-cli" });
  try {
    return await work(db);
  } finally {
    await db.end();
  }
};
