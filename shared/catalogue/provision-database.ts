import { ensureUsers, type UsersSignIn } from "../postgres/ensure-users.ts";
import { type MigrateOptions, migrate } from "../postgres/migrate.ts";
import type { DatabaseUsers } from "../postgres/user-rights.ts";
import { databaseUsers } from "./database-users.ts";
import released from "./released/rights.json" with { type: "json" };
import { withReleasedRights } from "./with-released-rights.ts";

export type ProvisionDatabaseOptions = MigrateOptions & {
  /** `password` unless said. */
  readonly signIn?: UsersSignIn;
};

/**
 * The schema, and then the functions' users with their rights to it, those of the last release too.
 * Running it again changes nothing.
 */
export const provisionDatabase = async (ownerUrl: string, options: ProvisionDatabaseOptions): Promise<void> => {
  await migrate(ownerUrl, options);
  const users = withReleasedRights(databaseUsers, released as DatabaseUsers);
  await ensureUsers(ownerUrl, { users, ...(options.signIn && { signIn: options.signIn }) });
};
