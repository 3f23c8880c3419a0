import { ensureUsers, type UsersSignIn } from "../postgres/ensure-users.ts";
import { type MigrateOptions, migrate } from "../postgres/migrate.ts";
import { databaseUsers } from "./database-users.ts";

export type ProvisionDatabaseOptions = MigrateOptions & {
  /** `password` unless said. */
  readonly signIn?: UsersSignIn;
};

/**
 * The schema, and then the functions' users with their rights to it. Running it again changes
 * nothing.
 */
export const provisionDatabase = async (ownerUrl: string, options: ProvisionDatabaseOptions): Promise<void> => {
  await migrate(ownerUrl, options);
  await ensureUsers(ownerUrl, { users: databaseUsers, ...(options.signIn && { signIn: options.signIn }) });
};
