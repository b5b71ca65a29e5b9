import { cellUnknown } from './cli-errors.js';
import type { LoadedCell } from '../pipeline/load.js';

/** Finds a run of a pipeline by its label or its number, from 1; default: the first. @throws SsqlError CELL_UNKNOWN */
export function chooseCell(
  cells: readonly LoadedCell[],
  wanted: string | undefined,
): { readonly cell: LoadedCell; readonly number: number } {
  const labelled = cells.findIndex(({ label }) => label === wanted);
  const number = wanted === undefined ? 1 : labelled >= 0 ? labelled + 1 : Number(wanted);
  const cell = cells[number - 1];
  if (cell === undefined)
    throw cellUnknown(
      wanted ?? '',
      cells.map(({ label }) => label),
    );
  return { cell, number };
}
