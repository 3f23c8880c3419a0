import type { Clock } from "../../messaging/clock.ts";
import type { PartitionRange } from "../../messaging/cluster-reader.ts";
import { type DeadLetterRoute, requireOrigin } from "./dead-letter-route.ts";
import { findReplayed } from "./find-replayed.ts";
import { forgetExpired } from "./forget-expired.ts";
import { refusalOf } from "./judge-letter.ts";
import type { Letter } from "./letter.ts";
import { type LetterFilter, matches } from "./letter-filter.ts";
import { type LetterReader, letterPages, letterRanges } from "./letter-pages.ts";
import { pace } from "./pace.ts";
import type { ReplayReport } from "./replay-report.ts";
import { type SendPorts, sendClaimed } from "./send-claimed.ts";

export type ReplayPorts = SendPorts & { readonly reader: LetterReader; readonly clock: Clock };

export type ReplayRequest = {
  readonly route: DeadLetterRoute;
  readonly target: string;
  readonly filter: LetterFilter;
  /** Records a second; full speed unless said. */
  readonly rate?: number | undefined;
  /** Sends so many at the most. */
  readonly max?: number | undefined;
  /** False for a dry run, which writes nothing anywhere. */
  readonly execute: boolean;
  /** A UUID: whose claims the ledger's are. */
  readonly run: string;
  /** Milliseconds that a claim holds, longer than a send can take; a crashed run's records wait so long. 30,000 unless said. */
  readonly claimMs?: number;
  /** Sent by one request, and what a crash may send twice; 1,000 unless said, and no more than a second's worth of the rate. */
  readonly pageRecords?: number;
  /** Ends the run after the page in flight. */
  readonly signal: AbortSignal;
  readonly onPage?: (soFar: ReplayReport, left: ReplayProgress["left"]) => void;
  /** Of a replay that an earlier call has begun: where it goes on, and what it has counted so far. */
  readonly goOn?: ReplayProgress | undefined;
};

/** How far a replay came, so that another process may go on. What was dead-lettered since its beginning is not in it. */
export type ReplayProgress = {
  readonly report: ReplayReport;
  /** What each partition has still to be looked at for. */
  readonly left: readonly PartitionRange[];
};

const PAGE_RECORDS = 1_000;
const CLAIM_MS = 30_000;

type Draft = { -readonly [Name in keyof ReplayReport]: ReplayReport[Name] } & { refused: Record<string, number> };

/** Counts what is settled without a send, and answers the rest. */
const sift = async (
  { db, clock }: Pick<ReplayPorts, "db" | "clock">,
  { route, target, filter }: ReplayRequest,
  page: readonly Letter[],
  report: Draft,
): Promise<readonly Letter[]> => {
  const matched = page.filter((letter) => matches(filter, letter));
  const replayed = await findReplayed(db, matched);
  report.read += page.length;
  report.matched += matched.length;
  report.alreadyReplayed += replayed.size;
  const now = clock();
  return matched.filter((letter) => {
    if (replayed.has(letter)) return false;
    const refusal = refusalOf(letter, { route, target, now });
    if (refusal !== undefined) report.refused[refusal] = (report.refused[refusal] ?? 0) + 1;
    return refusal === undefined;
  });
};

/** A page of the log in pieces that are sent, and paced, one by one. */
async function* pieces(pages: AsyncIterable<readonly Letter[]>, size: number): AsyncGenerator<readonly Letter[]> {
  for await (const page of pages) for (let at = 0; at < page.length; at += size) yield page.slice(at, at + size);
}

/** What is left of these ranges when a piece of one partition is done. */
const leftAfter = (left: readonly PartitionRange[], piece: readonly Letter[]): readonly PartitionRange[] => {
  const last = piece.at(-1)?.record;
  return left.flatMap((range) => {
    if (range.partition !== last?.partition) return range;
    return last.offset + 1n < range.end ? { ...range, earliest: last.offset + 1n } : [];
  });
};

/** Answers what is left. */
const send = async (
  ports: ReplayPorts,
  request: ReplayRequest,
  { report, ranges }: { readonly report: Draft; readonly ranges: readonly PartitionRange[] },
): Promise<readonly PartitionRange[]> => {
  const { target, execute, run, claimMs = CLAIM_MS, rate, signal, onPage } = request;
  const { max = Number.POSITIVE_INFINITY, pageRecords = PAGE_RECORDS } = request;
  const awaitTurn = pace(execute ? rate : undefined, ports.clock, signal);
  const size = Math.min(pageRecords, Math.max(1, Math.ceil(rate ?? pageRecords)));
  const before = report.replayed;
  let left = ranges;
  for await (const piece of pieces(letterPages(ports.reader, ranges), size)) {
    await awaitTurn(report.replayed - before);
    if (signal.aborted) {
      report.ended = "interrupted";
      return left;
    }
    const fit = await sift(ports, request, piece, report);
    const now = fit.slice(0, max - report.replayed);
    if (execute) await sendClaimed(ports, now, { target, run, claimMs });
    report.replayed += now.length;
    left = leftAfter(left, piece);
    onPage?.(report, left);
    if (report.replayed >= max) {
      report.ended = "max";
      return [];
    }
  }
  report.ended = "all";
  return [];
};

const begin = async (
  { db, reader }: ReplayPorts,
  { route, target, execute }: ReplayRequest,
): Promise<ReplayProgress> => {
  const { deadLetterTopic: topic } = route;
  const left = await letterRanges(reader, topic);
  if (execute) await forgetExpired(db, topic, left);
  const held = left.reduce((sum, { earliest, end }) => sum + Number(end - earliest), 0);
  const counts = { held, read: 0, matched: 0, replayed: 0, alreadyReplayed: 0, refused: {} };
  return { report: { topic, target, executed: execute, ...counts, ended: "interrupted" }, left };
};

/**
 * As `replayDeadLetters`, and answers what is left when its signal ends it: another call goes on there by `goOn`.
 * @throws see `replayDeadLetters`
 */
export const replayPages = async (ports: ReplayPorts, request: ReplayRequest): Promise<ReplayProgress> => {
  requireOrigin(request.route, request.target);
  const { report: soFar, left: ranges } = request.goOn ?? (await begin(ports, request));
  const report: Draft = { ...soFar, refused: { ...soFar.refused } };
  const left = await send(ports, request, { report, ranges });
  return { report, left };
};

/**
 * Sends dead letters back to the topic that they came from, in the order in which each partition holds them: for one key that is the order
 * in which they were given up. What is dead-lettered while it runs is left for the next run.
 *
 * Every record has a row in the ledger, so a repeated run sends nothing twice, and after a crash what was in flight goes once more at the most.
 * Memory is bounded by two pages, whatever the topic holds.
 * @throws SluiceError `wrong-target`, `unknown-topic`, `replay-running`, `replay-failed`, and what the ports throw; running it again goes on
 */
export const replayDeadLetters = async (ports: ReplayPorts, request: ReplayRequest): Promise<ReplayReport> =>
  (await replayPages(ports, request)).report;
