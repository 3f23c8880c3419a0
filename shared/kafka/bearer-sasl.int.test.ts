import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdtempSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { onlyDocker } from "../../scripts/stack/docker-part.ts";
import { startKafka } from "../../scripts/stack/kafka.ts";
import type { EmbeddedPart } from "../../scripts/stack/part.ts";
import { freePort } from "../../scripts/stack/ports.ts";
import type { SendOutcome } from "../messaging/record-publisher.ts";
import { silentLog } from "../observability/logger.ts";
import { selfSigned } from "../testing/certificate.ts";
import { askAnyBroker } from "./ask-broker.ts";
import { type BearerToken, bearerSasl } from "./bearer-sasl.ts";
import { kafkaClusterReader } from "./cluster-reader.ts";
import type { KafkaConnection } from "./connect.ts";
import { kafkaGroupOffsets } from "./group-offsets.ts";
import { kafkaPublisher } from "./kafka-publisher.ts";
import { ensureTopics } from "./topics.ts";

const dir = mkdtempSync(join(tmpdir(), "sluice-tokens-"));
const { key, certificate } = selfSigned("127.0.0.1");
const topic = "tokens";
let broker: EmbeddedPart;
let address = "";

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

/** An unsigned JWT, which a broker without a key set takes; MSK's has a signed URL in its place. */
const tokenFor = (seconds: number, subject = "sluice"): BearerToken => {
  const now = Date.now() / 1000;
  const claims = { sub: subject, iat: now - 1, exp: now + seconds };
  return { value: `${encoded({ alg: "none" })}.${encoded(claims)}.`, expiresAt: (now + seconds) * 1000 };
};

const connectionBy = (token: () => Promise<BearerToken>, more: Partial<KafkaConnection> = {}): KafkaConnection => ({
  brokers: [address],
  clientId: "tokens",
  log: silentLog,
  ssl: { ca: certificate },
  sasl: bearerSasl(token),
  ...more,
});

const record = { topic, key: "k", value: "v", headers: [] };

/** Sends one record; closed with the test. */
const publisherBy = (connection: KafkaConnection) => {
  const publisher = kafkaPublisher({ connection });
  onTestFinished(() => publisher.close());
  return async () => (await publisher.publish([record]))[0] as SendOutcome;
};

/** How many connections are opened from now on. */
const countConnections = () => {
  const opened = { count: 0 };
  const count = (message: unknown) => {
    if ((message as { socket: Socket }).socket) opened.count++;
  };
  subscribe("net.client.socket", count);
  onTestFinished(() => void unsubscribe("net.client.socket", count));
  return opened;
};

/** The compose file's Redpanda, all that there is on a machine without Java, would need another configuration. */
describe.skipIf(onlyDocker())("a broker that wants tokens over TLS", () => {
  beforeAll(async () => {
    const port = await freePort();
    address = `127.0.0.1:${port}`;
    const module = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";
    const settings = {
      "sasl.enabled.mechanisms": "OAUTHBEARER",
      "oauthbearer.sasl.jaas.config": `${module} required unsecuredLoginStringClaim_sub="broker";`,
      "oauthbearer.connections.max.reauth.ms": "3600000", // a session ends with its token, as on MSK
      "ssl.keystore.type": "PEM",
      "ssl.keystore.key": key,
      "ssl.keystore.certificate.chain": certificate,
    };
    broker = await startKafka({ dir, listener: { port, protocol: "SASL_SSL", settings } });
  });
  afterAll(async () => {
    await broker?.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  test("whoever has one creates a topic, writes, reads and sets offsets, each connection by a token of its own", async () => {
    const connection = connectionBy(async () => tokenFor(900));
    await ensureTopics(connection, [{ name: topic, partitions: 1, retentionMs: 3_600_000 }], {
      replicationFactor: 1,
      minInsyncReplicas: 1,
    });
    expect(await publisherBy(connection)()).toMatchObject({ status: "acknowledged", partition: 0 });

    const reader = kafkaClusterReader({ connection });
    onTestFinished(() => reader.close());
    const page = await reader.records({ topic, partition: 0, offset: 0n }, 1_000_000);
    expect(page?.records).toHaveLength(1);

    const offsets = kafkaGroupOffsets({ connection });
    onTestFinished(() => offsets.close());
    await offsets.commit({ kind: "projection", groupId: "readers" } as never, [{ topic, partition: 0, offset: 1n }]);
    expect(await reader.committed("readers")).toEqual([{ topic, partition: 0, offset: 1n }]);
  });

  test("a living connection authenticates anew before its token expires, and outlives it", async () => {
    // given tokens that live so short that kafkajs renews the session after three seconds
    const lifeSeconds = 13;
    let asked = 0;
    const publish = publisherBy(
      connectionBy(async () => {
        asked++;
        return tokenFor(lifeSeconds);
      }),
    );
    await publish();
    const [tokensAtFirst, opened] = [asked, countConnections()];

    // when it sends until the first token has expired
    const expired = Date.now() + (lifeSeconds + 0.5) * 1000;
    while (Date.now() < expired) {
      expect(await publish()).toMatchObject({ status: "acknowledged" });
      await sleep(100);
    }

    // then
    expect(asked).toBeGreaterThan(tokensAtFirst);
    expect(opened.count).toBe(0);
  });

  test("a refused token is told as such, and to nobody as an outage", async () => {
    const connection = connectionBy(async () => tokenFor(-60));
    const refused = {
      code: "kafka-auth-refused",
      message: expect.stringContaining("invalid_token"),
      canRetry: false,
      hint: expect.stringContaining("kafka-cluster:Connect"),
    };
    expect(await publisherBy(connection)()).toMatchObject({ status: "failed", error: refused });
    const reader = kafkaClusterReader({ connection });
    onTestFinished(() => reader.close());
    await expect(reader.topics()).rejects.toMatchObject(refused);
  });

  test("a token that is refused in mid-life fails the send, and a good one mends it", async () => {
    let good = true;
    const publish = publisherBy(connectionBy(async () => (good ? tokenFor(12) : tokenFor(30, ""))));
    expect(await publish()).toMatchObject({ status: "acknowledged" });
    good = false;
    await sleep(2_200); // the session is to be renewed ten seconds before its end, and not within its first second
    expect(await publish()).toMatchObject({ status: "failed", error: { code: "kafka-auth-refused", canRetry: false } });
    good = true;
    expect(await publish()).toMatchObject({ status: "acknowledged" });
  });

  test("a certificate that nobody trusts is told with the setting that names its authority", async () => {
    const publish = publisherBy(connectionBy(async () => tokenFor(900), { ssl: true }));
    expect(await publish()).toMatchObject({
      status: "failed",
      error: { code: "kafka-untrusted", canRetry: false, hint: expect.stringContaining("KAFKA_CA_FILE") },
    });
  });

  test("a listener that knows no tokens is told as the wrong one", async () => {
    const connection = { ...connectionBy(async () => tokenFor(900)), brokers: [broker.address] };
    const { ssl: _none, ...open } = connection;
    expect(await publisherBy(open)()).toMatchObject({
      status: "failed",
      error: { code: "kafka-auth-refused", hint: expect.stringContaining("9098") },
    });
  });

  test("the health check's question needs no token, and does need trust", async () => {
    await askAnyBroker({ brokers: [address], ssl: { ca: certificate } }, { timeoutMs: 5_000 });
    await expect(askAnyBroker({ brokers: [address], ssl: true }, { timeoutMs: 5_000 })).rejects.toMatchObject({
      code: "broker-unavailable",
    });
  });
});
