import type { Access } from "../shared/catalogue/api/route-table.ts";
import type { StageSettings } from "./stage.ts";

export type Issuer = {
  readonly issuer: $util.Input<string>;
  readonly audience: $util.Input<string>;
  /** What a token's `scope` names for each kind of route. */
  readonly scopes: Readonly<Record<Access, $util.Input<string>>>;
};

const identifier = "sluice";
const described: Readonly<Record<Access, string>> = {
  read: "Reads products and reservations",
  write: "Writes products and reservations",
};

/**
 * A pool of our own, with one client for programs, so that an empty account can call its API. The
 * client may ask for one of the scopes or for both.
 */
const ownPool = (stage: StageSettings): Issuer => {
  const pool = new aws.cognito.UserPool("Identity", {
    name: `sluice-${stage.name}`,
    adminCreateUserConfig: { allowAdminCreateUserOnly: true },
    deletionProtection: stage.isProduction ? "ACTIVE" : "INACTIVE",
  });
  const server = new aws.cognito.ResourceServer("IdentityApi", {
    userPoolId: pool.id,
    identifier,
    name: "sluice",
    scopes: Object.entries(described).map(([scopeName, scopeDescription]) => ({ scopeName, scopeDescription })),
  });
  const { accountId } = aws.getCallerIdentityOutput();
  new aws.cognito.UserPoolDomain("IdentityDomain", {
    userPoolId: pool.id,
    domain: $interpolate`sluice-${stage.name}-${accountId}`, // where tokens are asked for; unique among all accounts of a region
  });
  // From the server's own output, so that no route and no client names a scope that is not there
  // yet.
  const scopes = {
    read: $interpolate`${server.identifier}/read`,
    write: $interpolate`${server.identifier}/write`,
  };
  const client = new aws.cognito.UserPoolClient("IdentityClient", {
    userPoolId: pool.id,
    name: "programs",
    generateSecret: true,
    allowedOauthFlows: ["client_credentials"],
    allowedOauthFlowsUserPoolClient: true,
    allowedOauthScopes: [scopes.read, scopes.write],
    accessTokenValidity: 1,
    tokenValidityUnits: { accessToken: "hours" },
  });
  return { issuer: $interpolate`https://${pool.endpoint}`, audience: client.id, scopes };
};

/** Whose tokens the API takes: those of the issuer that the deployer names, else of a pool of our own. */
export const identity = (stage: StageSettings): Issuer => {
  const issuer = process.env["SLUICE_JWT_ISSUER"];
  const audience = process.env["SLUICE_JWT_AUDIENCE"];
  if (Boolean(issuer) !== Boolean(audience))
    throw new Error("SLUICE_JWT_ISSUER and SLUICE_JWT_AUDIENCE are given together or not at all");
  const scopes = {
    read: process.env["SLUICE_JWT_READ_SCOPE"] || `${identifier}/read`,
    write: process.env["SLUICE_JWT_WRITE_SCOPE"] || `${identifier}/write`,
  };
  return issuer && audience ? { issuer, audience, scopes } : ownPool(stage);
};
