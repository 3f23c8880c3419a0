import * as z from "zod";

/** The variables by which a function finds its database. */
export const databaseSettings = {
  /**
   * `postgres://user:password@host:port/database`; on AWS with `?sslmode=verify-full`, by link (`shared/lambda/linked-settings.ts`).
   * A certificate of RDS Proxy is signed by Amazon's public roots; one of an instance of RDS's own, which
   * `&sslrootcert=/var/runtime/ca-cert.pem`, a file of the Lambda runtime, knows.
   */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: "must be postgres://user:password@host:port/database" }),
  DATABASE_POOLER: z.enum(["none", "transaction"]).default("none"),
};
