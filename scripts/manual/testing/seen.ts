/**
 * What of an example has to be seen in what a command really printed: the headings of its tables, column by column, and its sentences.
 * The rows of tables are not compared, and in a sentence no word with a digit is: numbers, times and ids are others each time.
 */

const cellsOf = (line: string): readonly string[] => line.trim().split(/ {2,}/);

/** `PENDING  OLDEST  SENT/S`: capitals throughout, and nothing but them in at least one cell of two letters. */
const isHeading = (line: string): boolean => {
  const cells = cellsOf(line);
  return cells.every((cell) => /^[A-Z0-9#<>=()/ -]+$/.test(cell)) && cells.some((cell) => /[A-Z]{2}/.test(cell));
};

/** `api                 | message`: as wide as the longest name. */
const oneBlankBeforeBar = (line: string): string => line.replace(/^(\S+) +\| /, "$1 | ");

/** At least three words with one blank between: a row of a table has more between its cells. */
const isSentence = (line: string): boolean =>
  !/ {2}/.test(oneBlankBeforeBar(line).trim()) &&
  (line.match(/[a-z]{2,}/g)?.length ?? 0) >= 3 &&
  line.trim().includes(" ");

const word = (text: string): string => (/\d/.test(text) ? "#" : text);
const inOneShape = (line: string): string => line.trim().split(/ +/).map(word).join(" ");

/** Whether a printed line is what the example's line says; `…` at its end stands for the rest. */
const isAlike = (wanted: string, printed: string): boolean => {
  const [shape, other] = [inOneShape(wanted), inOneShape(printed)];
  return shape.endsWith("…") ? other.startsWith(shape.slice(0, -1).trimEnd()) : other === shape;
};

/** The lines of the example that are looked for: headings and sentences, or headings alone. */
const lookedFor = (example: readonly string[], headingsOnly: boolean): readonly string[] =>
  example.filter((line) => isHeading(line) || (!headingsOnly && isSentence(line)));

/** A session with its prompts is for the reader alone. */
export const isSession = (example: readonly string[]): boolean => example.some((line) => line.startsWith("$ "));

/** What the example shows and nobody printed. */
export const notSeen = (
  example: readonly string[],
  printed: string,
  { headingsOnly = false }: { readonly headingsOnly?: boolean } = {},
): readonly string[] => {
  const lines = printed.split("\n");
  return lookedFor(example, headingsOnly).filter((wanted) => !lines.some((line) => isAlike(wanted, line)));
};
