import { expect, test } from "vitest";
import { signInToken } from "./sign-in-token.ts";

const env = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "secret", AWS_SESSION_TOKEN: "a/session+token=" };
const now = new Date("2026-11-28T02:30:00.123Z");
const address = "postgres://sluice_outbox_publisher@db.example:5432/sluice?sslmode=verify-full";

test("a token is for this host, port, user and region, for 15 minutes, and no URL", async () => {
  const token = await signInToken(address, "eu-central-1", env, now);

  const url = new URL(`https://${token}`);
  expect([url.host, url.pathname]).toEqual(["db.example:5432", "/"]);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    Action: "connect",
    DBUser: "sluice_outbox_publisher",
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": "AKID/20261128/eu-central-1/rds-db/aws4_request",
    "X-Amz-Date": "20261128T023000Z",
    "X-Amz-Expires": "900",
    "X-Amz-Security-Token": "a/session+token=",
    "X-Amz-SignedHeaders": "host",
    // As @smithy/signature-v4, which the SDK's own signer uses, makes it of the same.
    "X-Amz-Signature": "c9d7e0573df151ae4b2ae86e18ff620472a4d58917dd319eb73ca3c19e7bcde4",
  });
});

test("what it is for changes the signature", async () => {
  const signatures = await Promise.all(
    [
      signInToken(address, "eu-central-1", env, now),
      signInToken(address.replace("publisher", "publishes"), "eu-central-1", env, now),
      signInToken(address.replace("db.", "db2."), "eu-central-1", env, now),
      signInToken(address, "us-east-1", env, now),
      signInToken(address, "eu-central-1", { ...env, AWS_SECRET_ACCESS_KEY: "other" }, now),
    ].map(async (token) => new URL(`https://${await token}`).searchParams.get("X-Amz-Signature")),
  );
  expect(new Set(signatures).size).toBe(signatures.length);
});

test("without credentials it says what is missing, and shows no secret", async () => {
  await expect(signInToken(address, "eu-central-1", { AWS_ACCESS_KEY_ID: "AKID" }, now)).rejects.toMatchObject({
    code: "database-no-token",
    hint: expect.stringContaining("AWS_SECRET_ACCESS_KEY"),
  });
});
