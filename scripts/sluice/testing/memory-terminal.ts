import type { Terminal } from "../terminal.ts";

/** A terminal that keeps what is written, and answers every question alike. */
export const memoryTerminal = (
  argv: readonly string[],
  more: Partial<Terminal> & { readonly answer?: string } = {},
) => {
  const written = { out: "", err: "", asked: [] as string[] };
  const terminal: Terminal = {
    argv,
    env: {},
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    isTty: false,
    canAsk: false,
    ask: async (question) => {
      written.asked.push(question);
      return more.answer ?? "";
    },
    clock: () => 0,
    signal: () => new AbortController().signal,
    ...more,
  };
  return { terminal, written };
};
