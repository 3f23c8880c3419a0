import { SluiceError } from "../messaging/sluice-error.ts";
import { RelayRun } from "./relay-run.ts";
import type { RelayOptions, RelayReport, RelayTask } from "./relay-task.ts";

export type Relay = {
  /**
   * Sends what is pending to the broker, each row at least once and each key in order. Faults of the database that may pass,
   * and a broker that is away, are waited out until `until`.
   * @throws SluiceError any other fault, after the leases were given back; `relay-busy` while another run of this relay goes on
   */
  run(task: RelayTask): Promise<RelayReport>;
  /** Ends the run that goes on, as its signal would, and closes the publisher. */
  close(): Promise<void>;
};

/** @throws SluiceError `lease-too-short` when a lease could end during a send that began within it. */
export const createRelay = (options: RelayOptions): Relay => {
  if (options.leaseMs <= options.sendTimeoutMs)
    throw new SluiceError(
      "lease-too-short",
      `the lease (${options.leaseMs} ms) must be longer than the send timeout (${options.sendTimeoutMs} ms)`,
    );
  const closing = new AbortController();
  let current: Promise<RelayReport> | undefined;

  return {
    run: async (task) => {
      if (current !== undefined || closing.signal.aborted)
        throw new SluiceError("relay-busy", closing.signal.aborted ? "the relay is closed" : "a run goes on already");
      const signal = task.signal ? AbortSignal.any([task.signal, closing.signal]) : closing.signal;
      current = new RelayRun(options, { ...task, signal }).run();
      try {
        return await current;
      } finally {
        current = undefined;
      }
    },
    close: async () => {
      closing.abort();
      await current?.catch(() => {}); // whoever asked for the run hears of its fault
      await options.publisher.close();
    },
  };
};
