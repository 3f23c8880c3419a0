import { createHash, createHmac } from "node:crypto";
import { SluiceError } from "../messaging/sluice-error.ts";

type Credentials = { readonly id: string; readonly key: string; readonly session: string | undefined };

/** What is to be signed: a GET of this URL's path and query, without a body. */
type Presigning = {
  readonly url: URL;
  readonly service: string;
  readonly region: string;
  readonly credentials: Credentials;
  readonly seconds: number;
  readonly now: Date;
};

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** RFC 3986: `encodeURIComponent` leaves these as they are. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * A URL signed by its query, Signature Version 4:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
 * By hand, because `reservation-sweeper`, the smallest function, carries no part of the SDK.
 */
const presign = ({ url, service, region, credentials, seconds, now }: Presigning): string => {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const parameters: readonly (readonly [string, string])[] = [
    ...url.searchParams,
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
    ["X-Amz-Credential", `${credentials.id}/${scope}`],
    ["X-Amz-Date", time],
    ["X-Amz-Expires", String(seconds)],
    ...(credentials.session === undefined ? [] : [["X-Amz-Security-Token", credentials.session] as const]),
    ["X-Amz-SignedHeaders", "host"],
  ];
  const query = parameters
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
  const request = ["GET", url.pathname, query, `host:${url.host}`, "", "host", hash("")].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", time, scope, hash(request)].join("\n");
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${credentials.key}`);
  return `${url.origin}${url.pathname}?${query}&X-Amz-Signature=${hmac(key, toSign).toString("hex")}`;
};

const SECONDS = 15 * 60; // the most that RDS takes

/** The role's: Lambda puts them into the environment and renews them with the process. */
const credentialsOf = (env: Readonly<Record<string, string | undefined>>): Credentials => {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: key, AWS_SESSION_TOKEN: session } = env;
  if (id && key) return { id, key, session: session || undefined };
  throw new SluiceError("database-no-token", "no token for the database can be signed: there are no AWS credentials", {
    hint: "on Lambda the role gives them; elsewhere set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN",
  });
};

/**
 * The password, for RDS and RDS Proxy, of a user that signs in by IAM: a signed URL without its
 * `https://`, made without a call to AWS. It is valid for 15 minutes, and only to sign in: a
 * connection outlives it. So each new connection makes one.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.Connecting.html
 * @param databaseUrl whose host, port and user the token is for
 * @throws SluiceError `database-no-token` without credentials
 */
export const signInToken = async (
  databaseUrl: string,
  region: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
  now: Date = new Date(),
): Promise<string> => {
  const { hostname, port, username } = new URL(databaseUrl);
  const url = new URL(`https://${hostname}:${port || 5432}/?Action=connect`);
  url.searchParams.set("DBUser", decodeURIComponent(username));
  const signed = presign({ url, service: "rds-db", region, credentials: credentialsOf(env), seconds: SECONDS, now });
  return signed.slice("https://".length);
};
