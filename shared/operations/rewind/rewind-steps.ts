import { setTimeout as sleep } from "node:timers/promises";
import type { Position } from "../../messaging/cluster-reader.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";
import type { Transaction } from "../../postgres/queryable.ts";
import { markRebuildNeeded, unmarkRebuildNeeded } from "../../projection/rebuild-needed.ts";
import { registerRewind } from "../../projection/register-rewind.ts";
import { unregisterRewind } from "../../projection/unregister-rewind.ts";
import { releaseLease } from "../read-model-lease/release-lease.ts";
import { renewLease } from "../read-model-lease/renew-lease.ts";
import { byPartition, partitionName } from "./partition-name.ts";
import { requireInLog } from "./require-in-log.ts";
import { requireKnownMembers } from "./require-known-members.ts";
import type { StepContext } from "./rewind-parts.ts";
import type { RewindRun, Step } from "./rewind-run.ts";
import type { RunChanges } from "./update-run.ts";

/** What a step has found, to be kept with it. Rows that it changes are changed in the transaction that says that it is done. */
export type StepResult = {
  readonly changes?: RunChanges;
  readonly beside?: (tx: Transaction) => Promise<void>;
};

type Perform = (context: StepContext, run: RewindRun) => Promise<StepResult>;

const LOOK_MS = 100;

const noteMapping: Perform = async ({ mapping, group }, { mappingFound }) => ({
  changes: { mappingFound: mappingFound ?? (await mapping.state(group.functionName)) },
});

const disableMapping: Perform = async ({ mapping, group, signal, disableMs, log }, { mappingFound }) => {
  if (mappingFound !== "Enabled") return {}; // and what is off already is not to be turned off beyond its pause
  log(`disabling the mapping of ${group.functionName}; the batch in hand ends first`);
  await mapping.disable(group.functionName, AbortSignal.any([signal, AbortSignal.timeout(disableMs)]));
  return {};
};

/** A group that does not exist yet is as good as an empty one. */
const waitUntilEmpty: Perform = async ({ reader, group, mapping, signal, emptyMs, clock }) => {
  for (const end = clock() + emptyMs; ; await sleep(LOOK_MS, undefined, { signal })) {
    const [description] = await reader.describeGroups([group.groupId]);
    if (description === undefined || description.state === "Empty" || description.state === "Dead") return {};
    requireKnownMembers(description, (clientId) => mapping.isOwn(group.functionName, clientId));
    if (clock() <= end) continue;
    requireKnownMembers(description, () => false); // the mapping is disabled: whoever is in it still is somebody else
    throw new SluiceError("group-not-empty", `group ${group.groupId} is still ${description.state}`, {
      hint: "`sluice groups describe --state` shows it",
    });
  }
};

/** Kept from the first time on: should a commit be lost in a crash, what was committed before it is still known. */
const capture: Perform = async ({ reader, group }, run) => {
  const ranges = await reader.ranges(run.targets);
  requireInLog(run.targets, ranges);
  if (run.prior !== undefined) return {};
  const planned = byPartition(run.targets);
  const committed = await reader.committed(group.groupId);
  const prior = committed.filter((each) => planned.has(partitionName(each)));
  const goal = ranges.map(({ topic, partition, end }): Position => ({ topic, partition, offset: end }));
  return { changes: { prior, goal } };
};

/** Messages that nobody will have read. */
const skippedBy = ({ targets, prior = [] }: RewindRun): bigint => {
  const before = byPartition(prior);
  return targets.reduce((sum, target) => {
    const from = before.get(partitionName(target))?.offset ?? target.offset;
    return target.offset > from ? sum + target.offset - from : sum;
  }, 0n);
};

/** Before the offsets are moved, so that no event comes again without being written again. */
const register: Perform = async (_, run) => {
  const { projection, id, operation } = run;
  const skipped = skippedBy(run);
  return {
    beside: async (tx) => {
      await registerRewind(tx, projection, id);
      if (skipped === 0n) return;
      await markRebuildNeeded(tx, { projection, run: id, reason: `${operation} skipped messages`, skipped });
    },
  };
};

const write = async (context: StepContext, positions: readonly Position[]): Promise<void> => {
  const { reader, offsets, group, lease, leaseMs, db } = context;
  requireInLog(positions, await reader.ranges(positions)); // what has expired since the plan
  await renewLease(db, lease, leaseMs); // the last look: whoever has it now may have moved them already
  await offsets.commit(group, positions);
};

const commit: Perform = async (context, { targets, groupId }) => {
  context.log(`setting the offsets of ${groupId}`);
  await write(context, targets);
  return {};
};

const requireCommitted = async ({ reader, group }: StepContext, wanted: readonly Position[]): Promise<void> => {
  const committed = byPartition(await reader.committed(group.groupId));
  const others = wanted.filter((each) => committed.get(partitionName(each))?.offset !== each.offset);
  if (others.length > 0)
    throw new SluiceError("not-read-back", `${others.map(partitionName).join(", ")} read back as something else`);
};

const readBack: Perform = async (context, { targets }) => {
  await requireCommitted(context, targets);
  return {};
};

/** Where nothing was committed the group would have begun at the beginning, and does. */
const returnOffsets: Perform = async (context, { targets, prior = [] }) => {
  const ranges = byPartition(await context.reader.ranges(targets));
  const before = byPartition(prior);
  const positions = targets.map(({ topic, partition }): Position => {
    const name = partitionName({ topic, partition });
    const earliest = ranges.get(name)?.earliest ?? 0n;
    const found = before.get(name)?.offset ?? earliest;
    return { topic, partition, offset: found < earliest ? earliest : found }; // what expired meanwhile is gone either way
  });
  await write(context, positions);
  await requireCommitted(context, positions);
  context.log("the offsets that were found are back");
  return {};
};

/** Not ended by Ctrl-C: whatever else happens, it is tried. */
const restoreMapping: Perform = async ({ mapping, group, disableMs, handOver, log }, { mappingFound }) => {
  if (mappingFound !== "Enabled") return {};
  await mapping.enable(group.functionName, AbortSignal.any([handOver, AbortSignal.timeout(disableMs)]));
  log(`the mapping of ${group.functionName} is Enabled again`);
  return {};
};

const finish: Perform = async ({ lease }, { course, projection, id }) => ({
  changes: { outcome: course === "forward" ? "done" : "restored" },
  beside: async (tx) => {
    await unregisterRewind(tx, projection, id);
    if (course === "back") await unmarkRebuildNeeded(tx, projection, id);
    await releaseLease(tx, lease);
  },
});

/** `follow` only watches: see `followRewind`. */
export const performStep: Readonly<Record<Exclude<Step, "follow">, Perform>> = {
  "note-mapping": noteMapping,
  "disable-mapping": disableMapping,
  "wait-until-empty": waitUntilEmpty,
  capture,
  register,
  commit,
  "read-back": readBack,
  "return-offsets": returnOffsets,
  "restore-mapping": restoreMapping,
  finish,
};
