import type { GroupDescription } from "../../messaging/cluster-reader.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";

/**
 * Nobody but the group's own mapping may be in it: another reader would go on at offsets that are being changed under it.
 * @throws SluiceError `unknown-member`
 */
export const requireKnownMembers = (
  { group, members }: GroupDescription,
  isOwn: (clientId: string) => boolean,
): void => {
  const unknown = members.filter(({ clientId }) => !isOwn(clientId));
  if (unknown.length === 0) return;
  const names = unknown.map(({ clientId, host }) => `${clientId} at ${host}`).join(", ");
  throw new SluiceError(
    "unknown-member",
    `in group ${group} is ${names}: a group with an unknown member is never rewound`,
    {
      hint: "end that consumer first; `sluice groups describe --members` shows them",
    },
  );
};
