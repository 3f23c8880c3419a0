import type { StageSettings } from "./stage.ts";

export type Issuer = { readonly issuer: $util.Input<string>; readonly audience: $util.Input<string> };

const scope = "write";

/** A pool of our own, with one client for programs, so that an empty account can call its API. */
const ownPool = (stage: StageSettings): Issuer => {
  const pool = new aws.cognito.UserPool("Identity", {
    name: `sluice-${stage.name}`,
    adminCreateUserConfig: { allowAdminCreateUserOnly: true },
    deletionProtection: stage.isProduction ? "ACTIVE" : "INACTIVE",
  });
  const server = new aws.cognito.ResourceServer("IdentityApi", {
    userPoolId: pool.id,
    identifier: "sluice",
    name: "sluice",
    scopes: [{ scopeName: scope, scopeDescription: "Reads and writes products and reservations" }],
  });
  const { accountId } = aws.getCallerIdentityOutput();
  new aws.cognito.UserPoolDomain("IdentityDomain", {
    userPoolId: pool.id,
    domain: $interpolate`sluice-${stage.name}-${accountId}`, // where tokens are asked for; unique among all accounts of a region
  });
  const client = new aws.cognito.UserPoolClient("IdentityClient", {
    userPoolId: pool.id,
    name: "programs",
    generateSecret: true,
    allowedOauthFlows: ["client_credentials"],
    allowedOauthFlowsUserPoolClient: true,
    allowedOauthScopes: [$interpolate`${server.identifier}/${scope}`],
    accessTokenValidity: 1,
    tokenValidityUnits: { accessToken: "hours" },
  });
  return { issuer: $interpolate`https://${pool.endpoint}`, audience: client.id };
};

/** Whose tokens the API takes: those of the issuer that the deployer names, else of a pool of our own. */
export const identity = (stage: StageSettings): Issuer => {
  const issuer = process.env["SLUICE_JWT_ISSUER"];
  const audience = process.env["SLUICE_JWT_AUDIENCE"];
  if (Boolean(issuer) !== Boolean(audience))
    throw new Error("SLUICE_JWT_ISSUER and SLUICE_JWT_AUDIENCE are given together or not at all");
  return issuer && audience ? { issuer, audience } : ownPool(stage);
};
