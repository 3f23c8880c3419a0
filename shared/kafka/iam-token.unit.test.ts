import { expect, onTestFinished, test, vi } from "vitest";
import type { BearerToken } from "./bearer-sasl.ts";
import { iamTokens } from "./iam-token.ts";

const LIFE_MS = 900_000;

/** A signer that numbers its tokens, and a clock to turn. */
const counting = () => {
  let made = 0;
  const clock = { now: 1_000_000 };
  const make = async (): Promise<BearerToken> => ({ value: `token-${++made}`, expiresAt: clock.now + LIFE_MS });
  return { clock, token: iamTokens("eu-west-1", () => clock.now, make) };
};

test("connections that open together share a token", async () => {
  const { token } = counting();
  const values = await Promise.all([token(), token(), token()]);
  expect(values.map(({ value }) => value)).toEqual(["token-1", "token-1", "token-1"]);
});

test("a token is renewed long before it expires", async () => {
  const { clock, token } = counting();
  await token();
  clock.now += LIFE_MS / 3 - 1;
  expect((await token()).value).toBe("token-1");
  clock.now += 1;
  expect((await token()).value).toBe("token-2");
});

test("a signing that failed says what is missing, and is tried again", async () => {
  let credentials = false;
  const token = iamTokens("eu-west-1", Date.now, async () => {
    if (!credentials) throw new Error("Could not load credentials from any providers");
    return { value: "token", expiresAt: Date.now() + LIFE_MS };
  });
  await expect(token()).rejects.toMatchObject({ code: "kafka-no-token", hint: expect.stringContaining("credentials") });
  credentials = true;
  expect((await token()).value).toBe("token");
});

test("AWS's signer makes a URL for the region, signed by the credentials and without their secret", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "a-secret-key");
  onTestFinished(() => void vi.unstubAllEnvs());
  const { value, expiresAt } = await iamTokens("eu-west-1")();
  const url = new URL(Buffer.from(value, "base64url").toString());
  expect(url.host).toBe("kafka.eu-west-1.amazonaws.com");
  expect(url.searchParams.get("Action")).toBe("kafka-cluster:Connect");
  expect(url.searchParams.get("X-Amz-Credential")).toMatch(
    /^AKIAEXAMPLE\/\d{8}\/eu-west-1\/kafka-cluster\/aws4_request$/,
  );
  expect(url.searchParams.get("X-Amz-Signature")).toMatch(/^[0-9a-f]{64}$/);
  expect(url.href).not.toContain("a-secret-key");
  expect(expiresAt - Date.now()).toBeGreaterThan(LIFE_MS - 60_000);
});
