import { topics } from "../shared/catalogue/topics.ts";
import type { WithMaker } from "./function.ts";
import { kafkaPolicies } from "./policies/kafka.ts";
import { schedule } from "./schedule.ts";

const name = "outbox-publisher";

/** The relay: started each minute, two at the most, so that there is always a drainer; the leases make the overlap safe. */
export const publisher = ({ make, kafka }: WithMaker) => {
  const may = kafkaPolicies(kafka);
  const made = make(name, {
    environment: {
      ...kafka.environment,
      OUTBOX_MODE: "continuous",
      HEED_PAUSES: "true",
      OUTBOX_IDLE_CEILING_MS: "250", // each look at an idle outbox is paid for
      NODE_OPTIONS: "--max-semi-space-size=8", // V8's young generation would grow by 100 MB over a long drain, for nothing
    },
    permissions: [...may.connect, may.write([topics.productEvents.name, topics.productCommands.name])],
    reserved: 2,
  });
  schedule(name, made);
  return made;
};
