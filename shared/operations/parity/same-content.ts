/** Keys in one order: PostgreSQL's jsonb has its own, and which one a document has says nothing. */
const ordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, each]) => [key, ordered(each)]),
  );
};

/** Whether two JSON texts say the same. Most often they are the same. */
export const sameContent = (one: string, other: string): boolean =>
  one === other || JSON.stringify(ordered(JSON.parse(one))) === JSON.stringify(ordered(JSON.parse(other)));
