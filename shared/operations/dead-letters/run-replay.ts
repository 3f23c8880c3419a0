import { randomUUID } from "node:crypto";
import { audited } from "../audit/audited.ts";
import { holdingReadModel } from "./hold-read-model.ts";
import { type ReplayPorts, type ReplayRequest, replayDeadLetters } from "./replay-dead-letters.ts";
import type { ReplayReport } from "./replay-report.ts";

export type RunRequest = Omit<ReplayRequest, "run"> & {
  /** Who asked for it. */
  readonly actor: string;
  /** The process. */
  readonly owner: string;
  /** Milliseconds after which a process that died has lost its lease; 30,000 unless said. */
  readonly leaseMs?: number;
};

const LEASE_MS = 30_000;

/**
 * Replays dead letters as an operator may: audited with its counts, and of a read model alone, with no rewind or rebuild beside it.
 * A dry run is neither, as it changes nothing.
 * @throws SluiceError `lease-held`, and what `replayDeadLetters` throws
 */
export const runReplay = async (ports: ReplayPorts, request: RunRequest): Promise<ReplayReport> => {
  const { route, target, filter, execute, actor, owner, leaseMs = LEASE_MS, signal, onPage } = request;
  if (!execute) return replayDeadLetters(ports, { ...request, run: randomUUID() });
  const { deadLetterTopic, projection } = route;
  const asked = { target, filter, max: request.max, rate: request.rate };
  const operation = { actor, operation: "dlq replay", target: deadLetterTopic, before: asked };
  return audited(ports.db, operation, async (audit) => {
    const replay = async (lost?: AbortSignal): Promise<ReplayReport> => {
      const told: ReplayRequest["onPage"] = (soFar, left) => {
        audit.after({ ...soFar }); // of a run that fails later: how far it came
        onPage?.(soFar, left);
      };
      const until = lost === undefined ? signal : AbortSignal.any([signal, lost]);
      const report = await replayDeadLetters(ports, { ...request, run: audit.run, signal: until, onPage: told });
      audit.after(report);
      return report;
    };
    if (projection === undefined) return replay();
    return holdingReadModel(ports.db, { projection, deadLetterTopic, owner, leaseMs }, replay);
  });
};
