import { consumerGroups } from "../shared/catalogue/groups.ts";
import type { WithMaker } from "./function.ts";
import { kafkaPolicies } from "./policies/kafka.ts";
import { schedule } from "./schedule.ts";

const name = "dead-letter-monitor";

/**
 * Tells CloudWatch each minute how many dead letters wait and whether somebody reads for each
 * group. It writes nowhere.
 */
export const deadLetterMonitor = ({ make, kafka }: WithMaker) => {
  const may = kafkaPolicies(kafka);
  const made = make(name, {
    environment: { ...kafka.environment },
    permissions: [
      ...may.connect,
      may.read(consumerGroups.groups.map(({ deadLetterTopic }) => deadLetterTopic)),
      may.describeGroups(consumerGroups.groups.map(({ groupId }) => groupId)),
    ],
    reserved: 1,
  });
  schedule(name, made);
  return made;
};
