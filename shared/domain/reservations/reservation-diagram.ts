import { explore, nowhere, stateDiagram, type Transition } from "../state-diagram.ts";
import type { Reservation } from "./reservation.ts";
import { decide, type ReservationCommand } from "./reservation-decision.ts";

const id = "a-reservation";
const expiresAt = "2026-01-01T00:15:00.000Z";
const times = { "before the deadline": "2026-01-01T00:00:00.000Z", "after the deadline": expiresAt };
const wish = {
  ...{ id, placedAt: times["before the deadline"], expiresAt },
  lines: ["one", "other"].map((productId) => ({ productId, quantity: 1 })),
};

const commands: readonly ReservationCommand[] = [
  { type: "reservation.request", ...wish },
  { type: "reservation.place", ...wish },
  ...[0, 1].flatMap((line) =>
    (["reserved", "refused"] as const).map(
      (outcome) => ({ type: "reservation.record-line", id, line, outcome }) as const,
    ),
  ),
  ...(["confirm", "cancel", "expire"] as const).map((verb) => ({ type: `reservation.${verb}`, id }) as const),
];

const nameOf = (command: ReservationCommand): string => {
  const verb = command.type.replace("reservation.", "");
  if (command.type !== "reservation.record-line") return verb;
  return command.outcome === "refused" ? `${verb}, one is refused` : `${verb}, the last is reserved`;
};

const stepsFrom = (reservation: Reservation | undefined) =>
  commands.flatMap((command) =>
    Object.entries(times).flatMap(([when, now]) => {
      const decision = decide(command, reservation, now);
      const facts = decision.outcome === "accepted" ? decision.events : [];
      let from: string = reservation?.state ?? nowhere;
      const transitions: Transition[] = [];
      for (const { type, data } of facts) {
        if (type !== "reservation.line-recorded") transitions.push({ from, to: data.state, by: nameOf(command), when });
        from = data.state;
      }
      const last = facts.at(-1);
      return last === undefined ? [] : [{ transitions, state: last.data }];
    }),
  );

/** What tells two reservations apart for whoever decides; not how they came there. */
const keyOf = ({ state, lines }: Reservation): string =>
  JSON.stringify([state, ...lines.map(({ outcome }) => outcome)]);

/** The published states of a reservation and every way between them, found by asking `decide`. */
export const reservationDiagram = (): string => stateDiagram(explore(stepsFrom, keyOf), () => Object.keys(times));
