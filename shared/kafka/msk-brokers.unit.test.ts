import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { type MskCluster, mskBrokers } from "./msk-brokers.ts";

const clusterArn = "arn:aws:kafka:eu-west-1:123456789012:cluster/sluice/0a1b-2";
const iam: MskCluster = { clusterArn, auth: "iam", tls: true };

type Answer = { readonly status?: number; readonly type?: string; readonly body: object };

/** MSK's own API, as far as it is asked here; the SDK is sent to it as to an emulator. */
const serveMsk = async (answers: (request: number) => Answer) => {
  const asked: { path: string; authorization: string }[] = [];
  const server = createServer((request, response) => {
    const { status = 200, type, body } = answers(asked.length);
    asked.push({ path: request.url ?? "", authorization: request.headers.authorization ?? "" });
    response.writeHead(status, { "content-type": "application/json", ...(type && { "x-amzn-errortype": type }) });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "a-secret-key");
  onTestFinished(() => {
    vi.unstubAllEnvs();
    server.close();
  });
  return asked;
};

test("the brokers are asked for once, in the cluster's region, and anew when none of them answered", async () => {
  const asked = await serveMsk((request) => ({
    body: { bootstrapBrokerStringSaslIam: `b-${request}:9098,c-${request}:9098`, bootstrapBrokerString: "plain:9092" },
  }));
  const brokers = mskBrokers(iam);
  expect(await Promise.all([brokers.get(), brokers.get()])).toEqual([
    ["b-0:9098", "c-0:9098"],
    ["b-0:9098", "c-0:9098"],
  ]);
  await brokers.get();
  expect(asked).toHaveLength(1);
  expect(decodeURIComponent(asked[0]?.path ?? "")).toBe(`/v1/clusters/${clusterArn}/bootstrap-brokers`);
  expect(asked[0]?.authorization).toMatch(/Credential=AKIAEXAMPLE\/\d{8}\/eu-west-1\/kafka\/aws4_request/);

  brokers.forget();
  expect(await brokers.get()).toEqual(["b-1:9098", "c-1:9098"]);
});

test.each<[string, Pick<MskCluster, "auth" | "tls">, object, string]>([
  [
    "IAM within the VPC",
    { auth: "iam", tls: true },
    { bootstrapBrokerStringPublicSaslIam: "p:1", bootstrapBrokerStringSaslIam: "i:1" },
    "i:1",
  ],
  ["IAM from outside", { auth: "iam", tls: true }, { bootstrapBrokerStringPublicSaslIam: "p:1" }, "p:1"],
  ["TLS", { auth: "none", tls: true }, { bootstrapBrokerStringTls: "t:1", bootstrapBrokerStringSaslIam: "i:1" }, "t:1"],
  ["plaintext", { auth: "none", tls: false }, { bootstrapBrokerString: "n:1", bootstrapBrokerStringTls: "t:1" }, "n:1"],
])("%s has a listener of its own", async (_, wanted, body, expected) => {
  await serveMsk(() => ({ body }));
  expect(await mskBrokers({ clusterArn, ...wanted }).get()).toEqual([expected]);
});

test("a listener that the cluster lacks is told, with the settings that choose it", async () => {
  await serveMsk(() => ({ body: { bootstrapBrokerStringTls: "t:1" } }));
  await expect(mskBrokers(iam).get()).rejects.toMatchObject({
    code: "brokers-unknown",
    message: expect.stringContaining("SASL/IAM listener"),
    canRetry: false,
    hint: expect.stringContaining("KAFKA_AUTH"),
  });
});

test("a refusal of AWS says which permission is missing", async () => {
  await serveMsk(() => ({ status: 403, type: "AccessDeniedException", body: { message: "not authorized" } }));
  await expect(mskBrokers(iam).get()).rejects.toMatchObject({
    code: "brokers-unknown",
    canRetry: false,
    hint: expect.stringContaining("kafka:GetBootstrapBrokers"),
  });
});

test("while AWS cannot be asked, the brokers known before go on; without any it is asked again", async () => {
  let isDown = false;
  await serveMsk(() =>
    isDown ? { status: 500, body: { message: "down" } } : { body: { bootstrapBrokerStringSaslIam: "b:1" } },
  );
  const brokers = mskBrokers(iam);
  await brokers.get();
  isDown = true;
  brokers.forget();
  expect(await brokers.get()).toEqual(["b:1"]);
  const others = mskBrokers(iam);
  await expect(others.get()).rejects.toMatchObject({ code: "brokers-unknown", canRetry: true });
  isDown = false;
  expect(await others.get()).toEqual(["b:1"]);
});
