/** How long to wait before the next try: doubles with each failure up to a ceiling, half of it by chance, so that many do not try at once. */
export const backoffMs = (failures: number, random: () => number, firstMs = 100, ceilingMs = 5_000): number => {
  const full = Math.min(ceilingMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return full / 2 + (full / 2) * random();
};
