/** Lambda gives the last 4 KB of an invocation's log. */
const TAIL_BYTES = 4096;

/** The lines of a log that came with an answer (`LogType` Tail), the first one left out if it may be cut off. */
export const tailLines = (tail: string): readonly string[] => {
  const lines = tail.split("\n");
  return lines.slice(Buffer.byteLength(tail) >= TAIL_BYTES ? 1 : 0).filter((line) => line !== "");
};
