import type { CommandFile } from "./command.ts";

/** Every command by its words, in the order of the manual. */
export const commands: Readonly<Record<string, CommandFile>> = {
  "groups list": () => import("./groups-list.ts"),
  "groups describe": () => import("./groups-describe.ts"),
  "groups watch": () => import("./groups-watch.ts"),
  "groups reset-offsets": () => import("./groups-reset-offsets.ts"),
  "topics list": () => import("./topics-list.ts"),
  "topics describe": () => import("./topics-describe.ts"),
  replay: () => import("./replay.ts"),
  "replay undo": () => import("./replay-undo.ts"),
  "replay status": () => import("./replay-status.ts"),
  "replay list": () => import("./replay-list.ts"),
  "outbox status": () => import("./outbox-status.ts"),
  "outbox flush": () => import("./outbox-flush.ts"),
  "outbox parked": () => import("./outbox-parked.ts"),
  "outbox unpark": () => import("./outbox-unpark.ts"),
  "outbox skip": () => import("./outbox-skip.ts"),
  "outbox pause": () => import("./outbox-pause.ts"),
  "outbox resume": () => import("./outbox-resume.ts"),
  "groups pause": () => import("./groups-pause.ts"),
  "groups resume": () => import("./groups-resume.ts"),
  "dlq read": () => import("./dlq-read.ts"),
  "dlq stats": () => import("./dlq-stats.ts"),
  "dlq replay": () => import("./dlq-replay.ts"),
  trace: () => import("./trace.ts"),
  "audit list": () => import("./audit-list.ts"),
};
