import { printable } from '../printable.js';
import { groupBy } from './group-by.js';

/** A row of results: what was measured, of which run, and a number for each precision. */
export interface TextRow {
  readonly stage: string;
  readonly classifier: string;
  readonly run: string;
  readonly numbers: readonly string[];
}

const GAP = 2;

/**
 * Rows of results with a column for each precision, the numbers right-aligned. Where this is wider than `columns`, each stage and classifier has
 * a table of its own, whose precisions continue below where they do not fit beside each other.
 * @param runs the title of the column of runs
 */
export function textTable(
  runs: string,
  precisions: readonly string[],
  results: readonly TextRow[],
  columns: number,
): readonly string[] {
  const rows = results.map(({ stage, classifier, run, numbers }) => ({
    ...{ stage: printable(stage), classifier: printable(classifier), run: printable(run) },
    numbers,
  }));
  const whole = align(
    ['stage', 'classifier', runs],
    precisions,
    rows.map(({ stage, classifier, run, numbers }) => ({ names: [stage, classifier, run], numbers })),
  );
  if (whole.every((line) => line.length <= columns)) return whole;
  const panels = [...groupBy(rows, ({ stage, classifier }) => `${stage}, ${classifier}`)];
  return panels.flatMap(([panel, members], index) => [
    ...(index === 0 ? [] : ['']),
    panel,
    ...panelLines(runs, precisions, members, columns),
  ]);
}

function panelLines(
  runs: string,
  precisions: readonly string[],
  rows: readonly TextRow[],
  columns: number,
): readonly string[] {
  const measured = precisions.flatMap((precision, index) =>
    rows.some(({ numbers }) => numbers[index] !== '') ? [{ precision, index }] : [],
  );
  const nameWidth = GAP + Math.max(runs.length, ...rows.map(({ run }) => run.length));
  const parts: (typeof measured)[] = [];
  let width = Infinity;
  for (const column of measured) {
    const wider = GAP + Math.max(column.precision.length, ...rows.map(({ numbers }) => numbers[column.index]!.length));
    if (width + wider > columns) {
      parts.push([]);
      width = nameWidth;
    }
    parts.at(-1)!.push(column);
    width += wider;
  }
  return parts.flatMap((part, position) => [
    ...(position === 0 ? [] : ['']),
    ...align(
      [`  ${runs}`],
      part.map(({ precision }) => precision),
      rows.map(({ run, numbers }) => ({ names: [`  ${run}`], numbers: part.map(({ index }) => numbers[index]!) })),
    ),
  ]);
}

/** Aligns names left and numbers right. */
function align(
  heads: readonly string[],
  precisions: readonly string[],
  rows: readonly { readonly names: readonly string[]; readonly numbers: readonly string[] }[],
): readonly string[] {
  const table = [[...heads, ...precisions], ...rows.map(({ names, numbers }) => [...names, ...numbers])];
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table.map((row) =>
    row
      .map((text, column) =>
        column < heads.length ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}
