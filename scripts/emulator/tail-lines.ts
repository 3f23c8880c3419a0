/** Lambda gives the last 4 KB of an invocation's log. */
const TAIL_BYTES = 4096;

/**
 * The lines of a log that came with an answer (`LogType` Tail), the first one left out if it may be cut off.
 * @param logResult in base64, as Lambda gives it
 */
export const tailLines = (logResult: string | undefined): readonly string[] => {
  const tail = Buffer.from(logResult ?? "", "base64");
  const lines = tail.toString("utf8").split("\n");
  return lines.slice(tail.length >= TAIL_BYTES ? 1 : 0).filter((line) => line !== "");
};
