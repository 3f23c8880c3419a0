import { functionEnvironment, type HostAddresses } from "../../../scripts/host/function-environment.ts";
import { type FunctionSpec, selectFunctions } from "../../../scripts/host/functions.ts";
import { startPoller } from "../../../scripts/host/poller/poller.ts";
import { startFunctionPool } from "../../../scripts/host/process/function-pool.ts";
import type { InvocationResult } from "../../../scripts/host/process/function-process.ts";
import { silentLog } from "../../observability/logger.ts";
import { eventually } from "../../testing/eventually.ts";

/** A consumer's function, in processes as Lambda would run it, behind a mapping that delivers every batch twice. */
export type ConsumerMapping = {
  readonly groupId: string;
  /** Kills the function's processes while they have a batch, and again until one was cut short. */
  kill(): Promise<void>;
  /** Invocations that ended with their process. */
  cutShort(): number;
  stop(): Promise<void>;
};

export type ConsumerMappingOptions = {
  readonly functionName: string;
  /** The topic that stands for the function's own. */
  readonly topic: string;
  readonly addresses: HostAddresses & { readonly kafkaBrokers: string };
  /** Decides of each batch whether its two deliveries come at once, to two processes, or one after the other. */
  readonly atOnce: () => boolean;
};

const backoff = { firstMs: 5, maxMs: 200 };

/** A process may have ended, and not be waited for yet, since the pool was asked. */
const killIfThere = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== "ESRCH") throw fault;
  }
};

export const startConsumerMapping = (options: ConsumerMappingOptions): ConsumerMapping => {
  const { functionName, topic, addresses, atOnce } = options;
  const spec = selectFunctions([functionName])[0] as FunctionSpec;
  const environment = functionEnvironment(spec, addresses, { ...process.env, POWERTOOLS_LOG_LEVEL: "ERROR" });
  const pool = startFunctionPool({
    spec: { ...spec, concurrency: 2 },
    ...{ environment, backoff, onLine: () => {}, log: silentLog },
  });
  let [inHand, cutShort] = [0, 0];
  const deliver = async (payload: string): Promise<InvocationResult> => {
    inHand++;
    const result = await pool.invoke(payload);
    inHand--;
    if (!result.ok && result.error.errorType === "Runtime.ExitError") cutShort++;
    return result;
  };
  const deliverTwice = async (payload: string): Promise<InvocationResult> => {
    const first = deliver(payload);
    const second = atOnce() ? deliver(payload) : first.then(() => deliver(payload));
    const [one, other] = await Promise.all([first, second]);
    return one.ok ? other : one;
  };
  const groupId = `group-${topic}`;
  const poller = startPoller({
    connection: { brokers: addresses.kafkaBrokers.split(","), clientId: functionName, log: silentLog },
    ...{ topic, groupId, batchSize: 1_000, windowMs: 0, backoff, log: silentLog, invoke: deliverTwice },
  });
  return {
    groupId,
    kill: async () => {
      const before = cutShort;
      const killed = async (): Promise<boolean> => {
        if (cutShort > before) return true;
        const { state, pids } = pool.status();
        // While all only start, nothing can be cut short, and a kill each time would let none come up.
        if (inHand > 0 && state === "ready") pids.forEach(killIfThere);
        return false;
      };
      await eventually(killed, (done) => done);
    },
    cutShort: () => cutShort,
    stop: async () => {
      await poller.stop();
      await pool.stop(5_000);
    },
  };
};
