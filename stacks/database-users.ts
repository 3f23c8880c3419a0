import { databaseUser, databaseUsers } from "../shared/catalogue/database-users.ts";
import { arnPrefix } from "./account.ts";
import type { Statement } from "./policies/statement.ts";

/** Every function's user: `sluice_api`, … The owner of the schema is none of them. */
export const allUsers = Object.keys(databaseUsers).map(databaseUser);

/**
 * Signing in as these users with a token, at what has this id: a cluster's resource id
 * (`cluster-…`), or a proxy's (`prx-…`). A client of the proxy is held to the proxy's id, and the
 * proxy to the cluster's:
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-iam-setup.html.
 */
export const mayConnectAs = (resourceId: $util.Output<string>, users: readonly string[]): Statement => ({
  actions: ["rds-db:connect"],
  resources: users.map((user) => $interpolate`${arnPrefix("rds-db")}:dbuser:${resourceId}/${user}`),
});

export type Reached = {
  /** `host:port/name`, and how its certificate is verified. */
  readonly address: $util.Output<string>;
  /** What `rds-db:connect` names it by. */
  readonly resourceId: $util.Output<string>;
  readonly pooler: "none" | "transaction";
};

/**
 * What each function gets of the database: an address with its own user and no password, and the
 * right to sign in as that user.
 */
export const accessOf =
  ({ address, resourceId, pooler }: Reached) =>
  (functionName: string) => ({
    links: [],
    environment: {
      DATABASE_URL: $interpolate`postgres://${databaseUser(functionName)}@${address}`,
      DATABASE_AUTH: "iam",
      DATABASE_POOLER: pooler,
    },
    permissions: [mayConnectAs(resourceId, [databaseUser(functionName)])],
  });
