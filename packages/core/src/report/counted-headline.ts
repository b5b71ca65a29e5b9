import { verdictOn, type DifferenceRow, type PairedDifference, type Verdict } from './differences.js';
import type { ResultPanel } from './result-panels.js';

/** In the order in which sentences name them. */
export const VERDICTS: readonly Verdict[] = ['ahead', 'behind', 'unclear', 'no interval'];

export function wordsFor(percent: boolean): { readonly [V in Verdict]: string } {
  const words = { unclear: 'no clear difference', 'no interval': 'no interval' };
  return percent ? { ...words, ahead: 'ahead', behind: 'behind' } : { ...words, ahead: 'higher', behind: 'lower' };
}

/**
 * `SSQL is ahead at w2a4 for 2 of 4 methods, no clear difference for 2`, or `Compared with bits 2,3,4 at w2a3: 1 of 2 behind, 1 no clear
 * difference`; nothing for fewer than two comparisons at the precision.
 */
export function countedHeadline(
  rows: readonly DifferenceRow[],
  precision: string,
  { percent, metric }: Pick<ResultPanel, 'percent' | 'metric'>,
): string | undefined {
  const reached = rows.flatMap((row) => {
    const difference = row.cells.get(precision);
    return difference === undefined ? [] : [{ row, difference }];
  });
  if (reached.length < 2) return undefined;
  const compared = reached.map(({ row }) => row);
  const withoutIntervals = reached.every(({ difference }) => verdictOn(difference) === 'no interval');
  const wordOf = withoutIntervals ? sideOf : (difference: PairedDifference) => wordsFor(percent)[verdictOn(difference)];
  const order = withoutIntervals ? SIDES : VERDICTS.map((verdict) => wordsFor(percent)[verdict]);
  const counts = order
    .map((word) => ({ word, times: reached.filter(({ difference }) => wordOf(difference) === word).length }))
    .filter(({ times }) => times > 0);
  const [first, ...others] = counts;
  if (first === undefined) return undefined;
  const note = withoutIntervals ? ' (one seed: no interval)' : '';
  const variant = onlyOne(compared.map(({ group }) => group.variant));
  if (variant === undefined) {
    const baseline = onlyOne(compared.map((row) => row.baseline.label));
    const what = withoutIntervals ? `, ${metric}` : '';
    const start =
      baseline === undefined
        ? `Comparisons at ${precision}${what}`
        : `Compared with ${baseline} at ${precision}${what}`;
    const rest = others.map(({ word, times }) => `, ${times} ${word}`);
    return `${start}: ${first.times} of ${reached.length} ${first.word}${rest.join('')}${note}`;
  }
  const unclear = first.word === wordsFor(percent).unclear;
  const subject = withoutIntervals ? `${metric} of ${variant}` : variant;
  const start = unclear
    ? `No clear difference between ${variant} and plain`
    : `${capitalized(subject)} is ${first.word}`;
  const rest = others.map(({ word, times }) => `, ${word} for ${times}`);
  return `${start} at ${precision} for ${first.times} of ${reached.length} ${kindOf(compared)}${rest.join('')}${note}`;
}

const SIDES = ['higher', 'lower', 'equal'] as const;

function sideOf({ mean }: PairedDifference): string {
  return mean > 0 ? 'higher' : mean < 0 ? 'lower' : 'equal';
}

/** What differs from comparison to comparison. */
function kindOf(rows: readonly DifferenceRow[]): string {
  const differs = (path: string): boolean =>
    new Set(rows.map(({ group }) => JSON.stringify(group.runs[0]?.cell[path]))).size === rows.length;
  return differs('method') ? 'methods' : differs('pipeline') ? 'pipelines' : 'comparisons';
}

function onlyOne(names: readonly string[]): string | undefined {
  const [first] = names;
  return names.every((name) => name === first) ? first : undefined;
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
