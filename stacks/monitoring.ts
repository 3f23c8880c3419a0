import { raise } from "./alarms/alarm.ts";
import { ofTheEdge } from "./alarms/edge.ts";
import { ofAConsumer, ofAFunction, ofAMachine } from "./alarms/functions.ts";
import { ofOurMetrics } from "./alarms/own.ts";
import { ofStores } from "./alarms/stores.ts";
import { budget } from "./budget.ts";
import type { Consumers } from "./consumers.ts";
import { dashboard } from "./dashboard.ts";
import type { WithMaker } from "./function.ts";
import type { StageSettings } from "./stage.ts";
import type { StateMachine } from "./state-machine.ts";

export type Monitored = WithMaker & {
  readonly mapped: Consumers;
  readonly machines: Readonly<Record<string, StateMachine>>;
  /** Beside the consumers, by their folders. */
  readonly others: Readonly<Record<string, sst.aws.Function>>;
  readonly apiId: $util.Input<string>;
};

/** Where alarms go: to the deployer's own topic, else to one of the stage's, which mails. */
const listenerOf = ({ name, listeners }: StageSettings): $util.Input<string> => {
  if (listeners.topicArn) return listeners.topicArn;
  const topic = new aws.sns.Topic("Alarms", { name: `sluice-${name}-alarms` });
  if (listeners.email)
    new aws.sns.TopicSubscription("AlarmsByMail", {
      topic: topic.arn,
      protocol: "email",
      endpoint: listeners.email,
    });
  return topic.arn;
};

/** Alarms, a dashboard, and a budget, to whoever hears them. */
export const monitoring = (monitored: Monitored) => {
  const { stage, mapped, machines, others, apiId } = monitored;
  const listener = listenerOf(stage);
  const consumers = Object.fromEntries(mapped.map(({ group, consumer }) => [group.functionName, consumer]));
  const all = [
    ...ofOurMetrics(),
    ...mapped.flatMap(ofAConsumer),
    ...Object.entries(machines).flatMap(ofAMachine),
    ...Object.entries({ ...others, ...consumers }).flatMap(ofAFunction),
    ...ofTheEdge(apiId),
    ...ofStores(monitored),
  ];
  for (const alarm of all) raise(alarm, listener);
  dashboard(stage, mapped);
  budget(stage);
};
