import type { Evaluation } from '../kinds/run-record.js';
import type { Cell } from './data-table.js';
import { tableBlock } from './figure.js';
import { groupBy } from './group-by.js';
import type { Markup } from './html.js';
import { significant, typeset } from './numbers.js';
import type { RunGroup } from './run-groups.js';

/** A table of the results that are means over batches, with their standard errors; nothing if there are none. */
export function standardErrorTable(groups: readonly RunGroup[]): readonly Markup[] {
  const measured = groups
    .map((group) => ({ group, results: groupBy(group.runs.flatMap(resultsOf), nameOf) }))
    .filter(({ results }) => results.size > 0);
  const names = [...new Set(measured.flatMap(({ results }) => [...results.keys()]))];
  if (names.length === 0) return [];
  return [
    tableBlock({
      caption: 'Means over batches ± their standard errors',
      corner: '',
      columns: measured.map(({ group }) => ({ label: group.label, group })),
      rows: names.map((name) => ({
        name: { label: name },
        cells: measured.map(({ results }) => cell(results.get(name) ?? [])),
      })),
      dense: true,
    }),
  ];
}

interface Result extends Evaluation {
  readonly standardError: number;
}

function resultsOf({ evaluations }: RunGroup['runs'][number]): readonly Result[] {
  return evaluations.flatMap((result) => {
    const { standardError } = result;
    return standardError === undefined ? [] : [{ ...result, standardError }];
  });
}

function nameOf({ stage, metric, precision }: Evaluation): string {
  return `${stage} ${precision}: ${metric}`;
}

/** The mean over seeds, and its standard error over the batches of all seeds. */
function cell(results: readonly Result[]): Cell | undefined {
  const count = results.length;
  if (count === 0) return undefined;
  const mean = results.reduce((sum, { value }) => sum + value, 0) / count;
  const error = Math.sqrt(results.reduce((sum, { standardError }) => sum + standardError ** 2, 0)) / count;
  return { text: `${typeset(significant(mean))} ± ${significant(error)}`, value: mean, spread: error };
}
