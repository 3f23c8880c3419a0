import { Option } from "commander";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";

export type GroupFlag = { readonly group: string };

export const groupOption = new Option("--group <group>", "the consumer group").makeOptionMandatory();

/** The function behind a group's mapping. @throws SluiceError `unknown-group` for one that is not ours */
export const functionOfGroup = async ({ group }: GroupFlag): Promise<string> => {
  const { consumerGroups } = await import("../../shared/catalogue/groups.ts");
  const found = consumerGroups.get(group);
  if (found !== undefined) return found.functionName;
  throw new SluiceError("unknown-group", `no consumer group ${group} is registered`, {
    hint: `registered are ${consumerGroups.groups.map(({ groupId }) => groupId).join(", ")}`,
  });
};
