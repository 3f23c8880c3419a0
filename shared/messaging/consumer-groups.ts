import { SluiceError } from "./sluice-error.ts";

/** Never there at run time: only the makers below answer a group of a kind, and no other object can pass for one. */
declare const made: unique symbol;

type Group<Kind extends string> = {
  readonly [made]: Kind;
  readonly kind: Kind;
  readonly groupId: string;
  /** Names of the topics that it reads. */
  readonly topics: readonly string[];
  readonly deadLetterTopic: string;
  /** The folder below `functions/` of what its mapping invokes. */
  readonly functionName: string;
};

/** Keeps read models. Repeats and disorder do it no harm, so it may be rewound. */
export type ProjectionGroup = Group<"projection"> & {
  /** Name of the projection whose read models it keeps. */
  readonly projection: string;
};

/** Does commands. They have effects elsewhere, and the inbox knows them for a time only: it is never rewound. */
export type CommandGroup = Group<"command">;

export type ConsumerGroup = ProjectionGroup | CommandGroup;

type Fields = Pick<ConsumerGroup, "groupId" | "topics" | "deadLetterTopic" | "functionName">;

export const projectionGroup = (fields: Fields & Pick<ProjectionGroup, "projection">): ProjectionGroup =>
  ({ ...fields, kind: "projection" }) as ProjectionGroup;

export const commandGroup = (fields: Fields): CommandGroup => ({ ...fields, kind: "command" }) as CommandGroup;

export type GroupRegistry = {
  readonly groups: readonly ConsumerGroup[];
  get(groupId: string): ConsumerGroup | undefined;
};

/** @throws SluiceError `registry-invalid` on a group that is registered twice: a refused start. */
export const createGroupRegistry = (groups: readonly ConsumerGroup[]): GroupRegistry => {
  const byId = new Map<string, ConsumerGroup>();
  for (const group of groups) {
    if (byId.has(group.groupId))
      throw new SluiceError("registry-invalid", `consumer group ${group.groupId} is registered twice`);
    byId.set(group.groupId, group);
  }
  return { groups: [...groups], get: (groupId) => byId.get(groupId) };
};

/**
 * The group of this id, if its offsets may be set back. The only way to a ProjectionGroup from a name that somebody typed.
 * @throws SluiceError `unknown-group`, or `not-rewindable`; there is no way round it
 */
export const rewindable = (registry: GroupRegistry, groupId: string): ProjectionGroup => {
  const group = registry.get(groupId);
  if (group === undefined)
    throw new SluiceError(
      "unknown-group",
      `no consumer group ${groupId} is registered: only registered projections are rewound`,
      {
        hint: `registered are ${registry.groups.map((one) => one.groupId).join(", ")}`,
      },
    );
  if (group.kind !== "projection")
    throw new SluiceError("not-rewindable", `${groupId} is a command group: command consumers are never rewound`, {
      hint: "a command that has to be done again is sent anew, under a new id",
    });
  return group;
};
