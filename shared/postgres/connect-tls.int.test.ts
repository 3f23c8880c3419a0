import { chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { EmbeddedPart } from "../../scripts/stack/part.ts";
import { startPostgres } from "../../scripts/stack/postgres.ts";
import { selfSigned } from "../testing/certificate.ts";
import { query } from "../testing/database.ts";
import { connect } from "./connect.ts";

const dir = mkdtempSync(join(tmpdir(), "sluice-tls-"));
const authority = join(dir, "authority.pem");
const { key, certificate } = selfSigned("localhost");
let part: EmbeddedPart;

/** PostgreSQL takes a key only from its own user, and closed to all others. */
const giveTo = (folder: string, name: string, content: string): string => {
  const file = join(folder, name);
  writeFileSync(file, content, { mode: 0o600 });
  const { uid, gid } = statSync(folder);
  chownSync(file, uid, gid);
  return file;
};

beforeAll(async () => {
  writeFileSync(authority, certificate);
  part = await startPostgres({ dir: join(dir, "postgres") });
  const data = join(dir, "postgres", "data");
  await query(part.address, `alter system set ssl_cert_file = '${giveTo(data, "server.crt", certificate)}'`);
  await query(part.address, `alter system set ssl_key_file = '${giveTo(data, "server.key", key)}'`);
  await query(part.address, "alter system set ssl = on");
  await part.stop();
  await part.start();
});
afterAll(async () => {
  await part?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const isEncrypted = { text: "select ssl from pg_stat_ssl where pid = pg_backend_pid()" };

const databaseAt = (change: (url: URL) => void) => {
  const url = new URL(part.address);
  change(url);
  const db = connect({ url: url.href, max: 1 });
  onTestFinished(() => db.end());
  return db;
};

test("with verify-full and the authority's certificates the line is encrypted", async () => {
  const db = databaseAt((url) => {
    url.hostname = "localhost";
    url.searchParams.set("sslmode", "verify-full");
    url.searchParams.set("sslrootcert", authority);
  });
  expect((await db.query(isEncrypted)).rows).toEqual([{ ssl: true }]);
});

test.each([
  ["of an authority that is not known", "localhost", undefined],
  ["for another host", "127.0.0.1", authority],
])("a certificate %s is refused, and no fault or log line tells the password", async (_, host, file) => {
  const db = databaseAt((url) => {
    url.hostname = host;
    url.password = "s3cret";
    url.searchParams.set("sslmode", "verify-full");
    if (file !== undefined) url.searchParams.set("sslrootcert", file);
  });
  const fault = await db.query(isEncrypted).catch((error: unknown) => error);
  expect(fault).toMatchObject({ name: "SluiceError", message: expect.stringMatching(/certificate/) });
  expect(inspect(fault, { depth: 9, showHidden: true })).not.toContain("s3cret");
});

test("a password that is made for each connection is asked for by each, and goes over a line that is verified", async () => {
  // given
  const { username, password: word } = new URL(part.address);
  let [asked, told] = [0, decodeURIComponent(word)];
  const url = new URL(part.address);
  url.hostname = "localhost";
  url.username = username;
  url.password = "";
  url.searchParams.set("sslmode", "verify-full");
  url.searchParams.set("sslrootcert", authority);
  const password = async () => {
    asked++;
    return told;
  };
  const db = connect({ url: url.href, max: 2, password });
  onTestFinished(() => db.end());

  // when
  const both = await Promise.all([
    db.transaction((tx) => tx.query(isEncrypted)),
    db.transaction((tx) => tx.query(isEncrypted)),
  ]);

  // then
  expect(both.map(({ rows }) => rows)).toEqual([[{ ssl: true }], [{ ssl: true }]]);
  expect(asked).toBe(2);
  told = "too old";
  const refused = connect({ url: url.href, max: 1, password });
  onTestFinished(() => refused.end());
  await expect(refused.query(isEncrypted)).rejects.toMatchObject({ cause: { code: "28P01" } });
  const without = connect({ url: url.href, max: 1, password: () => Promise.reject(new Error("no credentials")) });
  onTestFinished(() => without.end());
  await expect(without.query(isEncrypted)).rejects.toMatchObject({ message: "no credentials" });
});
