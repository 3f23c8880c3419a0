import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "aws-lambda";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { startPostgres } from "../../scripts/stack/postgres.ts";
import { migrationFiles } from "../../shared/postgres/migrate.ts";

test("a database that comes up while provisioning already runs is waited for, and then provisioned", async () => {
  // given a PostgreSQL of its own, which is down
  const dir = mkdtempSync(join(tmpdir(), "sluice-late-"));
  const part = await startPostgres({ dir });
  onTestFinished(async () => {
    await part.remove();
    rmSync(dir, { recursive: true, force: true });
    vi.unstubAllEnvs();
  });
  await part.stop();
  const { kafkaBrokers, openSearchUrl } = inject("stack");
  vi.stubEnv("DATABASE_URL", part.address);
  vi.stubEnv("KAFKA_BROKERS", kafkaBrokers);
  vi.stubEnv("OPENSEARCH_URL", openSearchUrl);
  const { handler } = await import("./handler.ts");

  // and at its address somebody who hangs up, as a proxy without a target does
  const nobody = createServer((socket) => socket.destroy()).listen(part.port, "127.0.0.1");
  await once(nobody, "listening");

  // when the deploy has met nobody, and the database starts after that
  const provisioned = handler({}, {} as Context) as Promise<{ done: readonly string[] }>;
  await once(nobody, "connection");
  nobody.close();
  await part.start();

  // then
  const { done } = await provisioned;
  expect(done).toEqual(expect.arrayContaining(migrationFiles().map(({ name }) => `migration ${name} applied`)));
});
