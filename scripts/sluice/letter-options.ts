import { Option } from "commander";
import type { LetterFilter } from "../../shared/operations/dead-letters/letter-filter.ts";
import type { Context } from "./command.ts";
import { instant } from "./instant.ts";

export type LetterFlags = {
  readonly topic: string;
  readonly eventId?: readonly string[];
  readonly reason?: string;
  readonly type?: string;
  readonly since?: string;
  readonly until?: string;
};

export const letterTopic = new Option(
  "--topic <topic>",
  "the dead-letter topic, e.g. dlq.product.events",
).makeOptionMandatory();

/** Which dead letters are meant. */
export const letterFilters: readonly Option[] = [
  new Option("--event-id <id...>", "these events only"),
  new Option("--reason <code>", "dead-lettered for this reason, e.g. wrong-schema"),
  new Option("--type <type>", "of this message type, e.g. product.created"),
  new Option("--since <time>", "dead-lettered since: 2026-05-01T10:00Z, or an age such as 90m, 2h, 7d"),
  new Option("--until <time>", "dead-lettered before"),
];

export const letterFilter = ({ flags, clock }: Pick<Context<LetterFlags>, "flags" | "clock">): LetterFilter => {
  const { eventId: eventIds, reason, type, since, until } = flags;
  const time = (text: string | undefined) => (text === undefined ? undefined : instant(text, clock));
  return { eventIds, reason, type, since: time(since), until: time(until) };
};
