/** Letters to be changed, added or left out between two words: Levenshtein's distance. */
const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let line = 1; line <= one.length; line++) {
    const next = [line];
    for (let column = 1; column <= other.length; column++) {
      const changed = (row[column - 1] ?? 0) + (one[line - 1] === other[column - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
};

const FARTHEST = 2;

/** The name that somebody may have meant, if one is near. */
export const nearest = (meant: string, names: readonly string[]): string | undefined => {
  const found = names.map((name) => ({ name, far: distance(meant, name) })).sort((a, b) => a.far - b.far)[0];
  return found !== undefined && found.far <= FARTHEST ? found.name : undefined;
};
