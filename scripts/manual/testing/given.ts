import type { RunningParts } from "./running-parts.ts";
import {
  allCaughtUp,
  anUnreadRewind,
  aParkedRow,
  pauseGroup,
  resumeGroup,
  somePoison,
  someProducts,
  someReservations,
  someUnread,
} from "./states.ts";

export type State = {
  readonly before?: (parts: RunningParts) => Promise<unknown>;
  /** Puts back what stood in the way of the next section. */
  readonly after?: (parts: RunningParts) => Promise<unknown>;
};

/** The state in which a section is looked up, by its title. The others take the system as the section before has left it. */
export const given: Readonly<Record<string, State>> = {
  Groups: {
    before: async (parts) => {
      const ids = await someProducts(parts, 20);
      await someReservations(parts, ids);
      await allCaughtUp(parts);
    },
  },
  Lag: {
    before: async (parts) => {
      await pauseGroup(parts);
      await someProducts(parts, 5);
    },
  },
  Watch: { before: resumeGroup },
  "Rewind to the beginning": { before: allCaughtUp },
  "Undo a rewind": { before: anUnreadRewind, after: resumeGroup },
  "Rebuild the read models": { before: allCaughtUp },
  "A parked row": { before: aParkedRow },
  "Read dead letters": { before: somePoison },
  "A poison storm": {
    before: someUnread,
    after: async (parts) => {
      await resumeGroup(parts);
      await allCaughtUp(parts);
    },
  },
};
