/** What a decider answers: the facts that follow from a command, or why nothing does. Both are ordinary outcomes. */
export type Decision<Event, Reason extends string> = Accepted<Event> | Refused<Reason>;

/** No events: the command was right and changes nothing. */
export type Accepted<Event> = { readonly outcome: "accepted"; readonly events: readonly Event[] };

export type Refused<Reason extends string> = {
  readonly outcome: "refused";
  readonly reason: Reason;
  /** What the caller may be told; plain JSON. */
  readonly detail: Readonly<Record<string, unknown>>;
};

export const accept = <Event>(...events: readonly Event[]): Accepted<Event> => ({ outcome: "accepted", events });

export const refuse = <Reason extends string>(
  reason: Reason,
  detail: Readonly<Record<string, unknown>> = {},
): Refused<Reason> => ({ outcome: "refused", reason, detail });
