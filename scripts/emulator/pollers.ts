import type { HostControl } from "../host/control/control-client.ts";
import type { Mapping } from "../host/poller/mapping.ts";
import type { Pollers } from "./mapping-endpoint.ts";

/** The pollers of a host in this process, once it has started. */
export const pollersOf = (mappings: () => readonly Mapping[]): Pollers => {
  const of = (name: string) => mappings().find((mapping) => mapping.status().function === name);
  return {
    list: async () => mappings().map((mapping) => mapping.status()),
    enable: (name) => of(name)?.enable(),
    disable: (name) => of(name)?.disable(),
  };
};

/** The pollers of a host in another process. */
export const pollersUnder = (control: HostControl): Pollers => ({
  list: () => control.mappings(),
  // Whoever asked looks at the state; that it could not be reached shows there.
  enable: (name) => void control.enable(name).catch(() => undefined),
  disable: (name) => void control.disable(name).catch(() => undefined),
});
