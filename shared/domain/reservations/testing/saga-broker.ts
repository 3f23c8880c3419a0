import type { Message, Rules, World } from "./saga-world.ts";

/** How a step of the consumer ends; `crashed-before` and `-after` its transaction was committed. */
export type Fate = "done" | "crashed-before" | "crashed-after" | "dead-lettered";

type Queue = { readonly records: Message[]; position: number };

const pick = <T>(things: readonly T[], at: number): T | undefined => things[at % Math.max(1, things.length)];

/** Relay, broker and consumers between the transactions: a queue for each topic and key, each record there at least once. */
export const createBroker = (world: World, rules: Rules) => {
  const queues = new Map<string, Queue>();
  const deadLetters: Message[] = [];
  const newest = new Map<string, { readonly version: number; readonly state: unknown }>();
  const seen = new Set<number>();
  const disorder: string[] = [];
  const nameOf = ({ topic, key }: Message): string => `${topic}/${key}`;

  const publish = (message: Message): void => {
    const queue = queues.get(nameOf(message)) ?? { records: [], position: 0 };
    queues.set(nameOf(message), queue);
    queue.records.push(message);
  };

  /** A reader of events: it keeps the highest version, and notes a first delivery that comes after a later one's. */
  const project = (event: Extract<Message, { topic: "events" }>): void => {
    const known = newest.get(event.key)?.version ?? 0;
    if (!seen.has(event.id) && event.version <= known) disorder.push(`${event.key}: ${event.version} after ${known}`);
    seen.add(event.id);
    if (event.version > known) newest.set(event.key, event);
  };

  const broker = {
    ...{ deadLetters, newest, disorder },
    /** @param acknowledged whether the relay lives to mark the row SENT; else it is sent again */
    relay: (at: number, acknowledged: boolean): void => {
      const chosen = pick(world.outbox, at);
      if (chosen === undefined) return;
      const index = rules.ordered(chosen.topic)
        ? world.outbox.findIndex((row) => nameOf(row) === nameOf(chosen))
        : world.outbox.indexOf(chosen);
      publish(world.outbox[index] as Message);
      if (acknowledged) world.outbox.splice(index, 1);
    },
    consume: (at: number, fate: Fate): void => {
      const queue = pick(
        [...queues.values()].filter(({ records, position }) => position < records.length),
        at,
      );
      const message = queue?.records[queue.position];
      if (queue === undefined || message === undefined || fate === "crashed-before") return;
      if (fate === "dead-lettered" && message.topic === "commands") deadLetters.push(message);
      else if (message.topic === "events") project(message);
      else world.handle(message.id, message.command);
      if (fate !== "crashed-after") queue.position += 1;
    },
    /** A batch, or a partition that changed hands, comes again from an earlier record on. */
    redeliver: (at: number, back: number): void => {
      const queue = pick([...queues.values()], at);
      if (queue !== undefined) queue.position = Math.max(0, queue.position - back);
    },
    /** Sends a dead letter to its topic again, under the id that it had. */
    redrive: (at: number): void => {
      const [message] = deadLetters.splice(at % Math.max(1, deadLetters.length), 1);
      if (message !== undefined) publish(message);
    },
    isIdle: (): boolean =>
      world.outbox.length === 0 && [...queues.values()].every(({ records, position }) => position >= records.length),
    drain: (): void => {
      for (let turns = 0; !broker.isIdle(); turns++) {
        if (turns > 100_000) throw new Error("the saga does not come to rest");
        broker.relay(turns, true);
        broker.consume(turns, "done");
      }
    },
  };
  return broker;
};

export type Broker = ReturnType<typeof createBroker>;
