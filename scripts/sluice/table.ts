/** A column: its heading, and what it shows of a row. */
export type Column<Row> = readonly [heading: string, cell: (row: Row) => string | number | bigint | undefined];

/** Rows in aligned columns under their headings. What is not known is `-`, as in Kafka's own tools. */
export const table = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string => {
  const lines = [
    columns.map(([heading]) => heading),
    ...rows.map((row) => columns.map(([, cell]) => String(cell(row) ?? "-"))),
  ];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};
