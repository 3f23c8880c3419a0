/** What a replay did, or a dry run would do. */
export type ReplayReport = {
  readonly topic: string;
  readonly target: string;
  readonly executed: boolean;
  /** Records that the topic held when the run began. */
  readonly held: number;
  /** Of those, how many were looked at. */
  readonly read: number;
  /** Those that the filter names; each is one of the following, or beyond what was asked for. */
  readonly matched: number;
  /** Sent and acknowledged; in a dry run, those that would be sent. */
  readonly replayed: number;
  /** Were sent by an earlier run. */
  readonly alreadyReplayed: number;
  /** By reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** `max`: as many as asked for; `interrupted`: told to stop. Either way another run goes on from here. */
  readonly ended: "all" | "max" | "interrupted";
};

/** All refused, whatever the reason. */
export const refusedCount = ({ refused }: Pick<ReplayReport, "refused">): number =>
  Object.values(refused).reduce((sum, count) => sum + count, 0);
