import type { Log } from "../../shared/observability/logger.ts";
import { connectDatabase } from "../../shared/postgres/database-settings.ts";
import { untilReachable } from "../../shared/postgres/until-reachable.ts";
import type { ProvisionConfig } from "./config.ts";

/**
 * Returns when a function's user can sign in by the way that the functions take: on AWS through the
 * proxy, with a token. A new proxy's target may need minutes; a role without the right never can.
 * @throws SluiceError the last fault when patience ends, so that the deploy stops here
 */
export const untilUsersSignIn = async (
  { USERS_DATABASE_URL: url, DATABASE_USERS: auth, AWS_REGION }: ProvisionConfig,
  { patienceMs, log }: { readonly patienceMs: number; readonly log: Log },
): Promise<void> => {
  if (url === undefined) return;
  const db = connectDatabase(
    { DATABASE_URL: url, DATABASE_AUTH: auth, DATABASE_POOLER: "transaction", AWS_REGION },
    { max: 1, applicationName: "provision" },
  );
  try {
    await untilReachable(db, { patienceMs, log });
  } finally {
    await db.end();
  }
};
