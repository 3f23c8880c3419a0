import { controlOf, type HostControl } from "../control/control-client.ts";
import { runningHosts } from "../host-file.ts";
import type { Mapping } from "../poller/mapping.ts";
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

type Controlled = { readonly functions: readonly string[]; readonly control: HostControl };

const controlled = (stack: string): readonly Controlled[] =>
  runningHosts(stack).flatMap(({ controlUrl, controlToken, functions = [] }) =>
    controlUrl === undefined || controlToken === undefined
      ? []
      : [{ functions, control: controlOf({ controlUrl, controlToken }) }],
  );

/** Whoever asked looks at the state; that it could not be reached shows there. */
const unheard = () => undefined;

/** The pollers of whatever hosts run for a stack; none when no host does. */
export const pollersOfStack = (stack: string): Pollers => {
  const of = (name: string) => controlled(stack).find(({ functions }) => functions.includes(name))?.control;
  return {
    list: async () => (await Promise.all(controlled(stack).map(({ control }) => control.mappings()))).flat(),
    enable: (name) => void of(name)?.enable(name).catch(unheard),
    disable: (name) => void of(name)?.disable(name).catch(unheard),
  };
};
