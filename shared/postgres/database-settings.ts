import * as z from "zod";
import { type ConnectOptions, connect } from "./connect.ts";
import type { Database } from "./queryable.ts";
import { signInToken } from "./sign-in-token.ts";

/**
 * The variables by which a function finds its database: spread into its schema, which
 * `requireDatabase` then completes.
 */
export const databaseSettings = {
  /**
   * `postgres://user:password@host:port/database`. There is no password where a token stands for
   * it. On AWS the URL has `?sslmode=verify-full`: Node's own roots sign the certificate of RDS
   * Proxy. RDS signs those of its instances, and `&sslrootcert=` names the file of its authorities
   * that every package carries (`ops/aws/authorities`).
   */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: "must be postgres://user:password@host:port/database" }),
  DATABASE_POOLER: z.enum(["none", "transaction"]).default("none"),
  /**
   * `iam`: the user signs in with a token of RDS, signed for the role that the function runs as.
   */
  DATABASE_AUTH: z.enum(["password", "iam"]).default("password"),
  /** Lambda sets it. */
  AWS_REGION: z.string().min(1).optional(),
};

export type DatabaseSettings = z.infer<z.ZodObject<typeof databaseSettings>>;

/** Refuses settings with which no token could be signed. */
export const requireDatabase = <Schema extends z.ZodObject>(schema: Schema): Schema =>
  schema.refine(({ DATABASE_AUTH, AWS_REGION }) => DATABASE_AUTH !== "iam" || AWS_REGION !== undefined, {
    path: ["AWS_REGION"],
    message: "is not set: with DATABASE_AUTH=iam it says for which region to sign",
  });

const addressOf = (settings: DatabaseSettings): ConnectOptions => {
  const { DATABASE_URL: url, DATABASE_POOLER: pooler, DATABASE_AUTH, AWS_REGION } = settings;
  return {
    url,
    pooler,
    ...(DATABASE_AUTH === "iam" ? { password: () => signInToken(url, AWS_REGION as string) } : {}),
  };
};

/** Connects as they say. */
export const connectDatabase = (
  settings: DatabaseSettings,
  options: Omit<ConnectOptions, "url" | "pooler" | "password">,
): Database => connect({ ...addressOf(settings), ...options });
