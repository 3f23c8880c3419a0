import { consumerGroups, productCommandGroup } from "../../shared/catalogue/groups.ts";
import { productProjection } from "../../shared/catalogue/product-projection.ts";
import { findReservation } from "../../shared/catalogue/reservations/find-reservation.ts";
import { holdsOf } from "../../shared/catalogue/trace/holds-of.ts";
import { productStateOf } from "../../shared/catalogue/trace/product-state.ts";
import { partitionOf } from "../../shared/kafka/partitioner.ts";
import type { ClusterReader } from "../../shared/messaging/cluster-reader.ts";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { type ListedLetter, listed } from "../../shared/operations/dead-letters/list-letters.ts";
import { findLetters } from "../../shared/operations/trace/find-letters.ts";
import { inboxRowsOf } from "../../shared/operations/trace/inbox-rows.ts";
import { outboxRowsOf, type TracedRow } from "../../shared/operations/trace/outbox-rows.ts";
import { type HeldVersion, readModelVersions } from "../../shared/operations/trace/read-model-versions.ts";
import type { Database } from "../../shared/postgres/queryable.ts";
import { connectSearch } from "../../shared/search/search-client.ts";
import type { Context } from "./command.ts";
import { searchOf } from "./search-of.ts";
import { locateMessages, notAsked } from "./trace-messages.ts";
import type { TracedMessage, TraceReport } from "./trace-report.ts";
import { withCluster } from "./with-cluster.ts";

/** No search of a trace takes longer; what was not reached by then is noted. */
const limitMs = 5_000;

type Asked = Pick<Context, "address" | "clock" | "env"> & { readonly id: string; readonly limit: number };

/** A part that is down costs its own section. */
const orNote = async <Part>(notes: string[], what: string, work: () => Promise<Part>): Promise<Part | undefined> => {
  try {
    return await work();
  } catch (fault) {
    if (!(fault instanceof SluiceError)) throw fault;
    notes.push(`${what}: not looked at: ${fault.message}`);
    return undefined;
  }
};

const lettersOf = async (
  reader: ClusterReader,
  ids: ReadonlySet<string>,
  now: number,
  notes: string[],
): Promise<readonly ListedLetter[]> => {
  const topics = consumerGroups.groups.map(({ deadLetterTopic }) => deadLetterTopic);
  const signal = AbortSignal.timeout(limitMs);
  const found = await Promise.all(
    topics.map(async (topic) => {
      const { letters, gaveUp } = await findLetters(reader, topic, ids, signal);
      if (gaveUp) notes.push(`${topic}: gave up after ${limitMs / 1000} s; \`sluice dlq read\` reads it to its end`);
      return letters.map((letter) => listed(letter, now));
    }),
  );
  return found.flat();
};

type InKafka = { readonly messages: readonly TracedMessage[]; readonly deadLetters: readonly ListedLetter[] };

const fromKafka = async (
  asked: Asked,
  rows: readonly TracedRow[],
  aggregateId: string,
  notes: string[],
): Promise<InKafka> => {
  const found = await orNote(notes, "kafka", () =>
    withCluster(asked, async (reader) => {
      const signal = AbortSignal.timeout(limitMs);
      const messages = await locateMessages(rows, { reader, groups: consumerGroups, partitionOf, signal });
      if (messages.some(({ place }) => place === "gave-up")) notes.push(`kafka: gave up after ${limitMs / 1000} s`);
      const ids = new Set([asked.id, aggregateId, ...rows.map(({ eventId }) => eventId)]);
      const deadLetters = await orNote(notes, "dead letters", () => lettersOf(reader, ids, asked.clock(), notes));
      return { messages, deadLetters: deadLetters ?? [] };
    }),
  );
  return found ?? { messages: notAsked(rows), deadLetters: [] };
};

const fromReadModels = async (
  { address, env }: Asked,
  db: Database,
  id: string,
  notes: string[],
): Promise<readonly HeldVersion[]> => {
  const projection = productProjection.name;
  const held = await orNote(notes, "opensearch", async () => {
    const search = connectSearch({ ...searchOf(await address("opensearch"), env), timeoutMs: limitMs });
    try {
      return await readModelVersions(db, search, { projection, id });
    } finally {
      await search.close();
    }
  });
  return held ?? (await orNote(notes, "read models", () => readModelVersions(db, undefined, { projection, id }))) ?? [];
};

/** Asks every part what it knows of an id. Only PostgreSQL has to be there. */
export const gatherTrace = async (db: Database, asked: Asked): Promise<TraceReport> => {
  const notes: string[] = [];
  const bounds = { limit: asked.limit, limitMs };
  const rows = await outboxRowsOf(db, asked.id, bounds);
  if (rows === undefined) notes.push(`outbox: gave up after ${limitMs / 1000} s`);
  const event = rows?.find(({ eventId }) => eventId === asked.id);
  const aggregateId = event?.aggregateId ?? asked.id;
  const [product, reservation, holds, inbox] = await Promise.all([
    productStateOf(db, aggregateId),
    findReservation(db, aggregateId),
    holdsOf(db, aggregateId, bounds),
    inboxRowsOf(db, [productCommandGroup.groupId], [asked.id, ...(rows ?? []).map(({ eventId }) => eventId)]),
  ]);
  if (holds === undefined) notes.push(`holds: gave up after ${limitMs / 1000} s`);
  const [{ messages, deadLetters }, readModels] = await Promise.all([
    fromKafka(asked, rows ?? [], aggregateId, notes),
    fromReadModels(asked, db, aggregateId, notes),
  ]);
  const aggregate = product !== undefined ? "product" : reservation !== undefined ? "reservation" : "unknown";
  const kind = event !== undefined || inbox.some(({ eventId }) => eventId === asked.id) ? "event" : aggregate;
  const found = { product, reservation, holds: holds ?? [], messages, inbox, deadLetters, readModels };
  return { id: asked.id, kind, aggregateId, ...found, notes };
};
