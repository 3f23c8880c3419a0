import { SluiceError } from "../../messaging/sluice-error.ts";
import { causeInWords } from "../cause-in-words.ts";

/** What the machine drives. */
export type Kind = "rewind" | "rebuild";

/**
 * Where a run stands, for the machine's choices.
 *
 * - `advance`: something is to be done at once.
 * - `held`: another process is at work on the run, or it waits for something; look again later.
 * - `follow`: what it was to change is changed; look again until it has caught up.
 * - `done`; `unread`: changed, and nothing would catch up at present, or it takes too long to be watched.
 * - `refused`: nothing was begun. `failed`: it stays where it is, and harms nobody; the same order again goes on. `restored`: it failed, and what was found is back.
 * - `unfinished`: it failed, and what was found is not back yet. `gave-up`: and it will not be.
 */
export type Status =
  | "advance"
  | "held"
  | "follow"
  | "done"
  | "unread"
  | "refused"
  | "failed"
  | "restored"
  | "unfinished"
  | "gave-up";

/** A fault on its way through JSON; `text` is its message and below it its hint, as the machine's cause. */
export type ToldFault = {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly text: string;
};

/** How a run stands after a step of its driver. */
export type Step = {
  /** The run's id. */
  readonly run: string;
  readonly status: Status;
  /** One line for who watches. */
  readonly said: string;
  readonly error?: ToldFault;
};

/** What goes through the machine, from task to task: what it was started with, and how it stands. */
export type MachineState = {
  readonly kind: Kind;
  /** What was asked for; its driver knows how to read it. */
  readonly order: unknown;
  readonly run?: string;
  readonly status?: Status;
  readonly said?: string;
  /** How long the machine waits before it looks again. */
  readonly waitSeconds?: number;
  /** Answers, one after the other, that go on, or that watch. */
  readonly looks?: number;
  readonly error?: ToldFault;
  /** What the machine caught: a task that broke or ran out of its time. */
  readonly fault?: { readonly Error: string; readonly Cause: string };
};

export const toldFault = (fault: unknown): ToldFault => {
  if (!(fault instanceof SluiceError)) return toldFault(new SluiceError("unexpected", String(fault)));
  const { code, message, hint } = fault;
  return { code, message, hint: hint ?? null, text: hint === undefined ? message : `${message}\n${hint}` };
};

/** What the machine caught, in words. */
export const faultInWords = ({ fault }: MachineState): string | undefined =>
  fault === undefined ? undefined : causeInWords(fault.Cause);

/** The way back from the machine's `error` and `cause`. */
export const heardFault = (code: string, text: string): SluiceError => {
  const [message = "", hint] = causeInWords(text).split("\n");
  return new SluiceError(code, message, hint === undefined ? {} : { hint });
};
