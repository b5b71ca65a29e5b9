import { parse } from 'yaml';
import type { RunRecord } from '../kinds/run-record.js';
import { parseEvaluationPrecision } from '../quantization/evaluation-precision.js';
import type { Bits } from '../quantization/precision.js';
import { differenceRows, pairsNote, verdictOn, type DifferenceRow, type Verdict } from './differences.js';
import { differenceNumber, plainNumber, typeset } from './numbers.js';
import type { ResultPanel } from './result-panels.js';
import { comparisons, type RunGroup } from './run-groups.js';

export interface Findings {
  readonly headline: string;
  readonly details: readonly string[];
}

/**
 * The results in sentences that claim only what the 95% intervals hold. The headline is always about the lowest precision at which runs were
 * compared, whichever is better there: choosing the precision after seeing the results would make any method look good.
 */
export function findings(panels: readonly ResultPanel[], groups: readonly RunGroup[]): Findings {
  const panel =
    panels.find(({ classifier, percent }) => percent && classifier === 'matched') ??
    panels.find(({ percent }) => percent) ??
    panels[0];
  if (panel === undefined) return { headline: 'Nothing was evaluated', details: [] };
  const rows = differenceRows(panel, comparisons(groups));
  const lowest = lowestOf(panel.precisions.filter((precision) => rows.some(({ cells }) => cells.has(precision))));
  if (lowest === undefined)
    return { headline: single(panel), details: [...untrained(groups), caveat(panel, groups, rows)] };
  const statements = rows.flatMap((row) => statement(row, lowest, panel));
  const counted = count(rows, lowest, panel);
  // Of many comparisons, the verdicts say enough; the numbers are in the tables.
  const numbers = rows.length <= 2;
  const details = [
    ...(!numbers ? [] : counted === undefined ? statements.slice(1) : statements),
    ...(lowest === 'float' || !numbers ? [] : rows.flatMap((row) => statement(row, 'float', panel))),
    ...rows.flatMap((row) => verdicts(row, panel)),
  ];
  return {
    headline: counted ?? statements[0] ?? single(panel),
    details: [...details.map((text) => `${text}.`), ...untrained(groups), caveat(panel, groups, rows)],
  };
}

/** `SSQL-SimSiam against SimSiam: ahead at w3a3; no clear difference at float, w4a4`; nothing without an interval. */
export function verdicts({ group, baseline, cells }: DifferenceRow, { percent }: ResultPanel): readonly string[] {
  const words = wordsFor(percent);
  const parts = VERDICTS.flatMap((verdict) => {
    const where = [...cells].filter(([, difference]) => verdictOn(difference) === verdict);
    return where.length === 0 ? [] : [`${words[verdict]} at ${where.map(([precision]) => precision).join(', ')}`];
  });
  if ([...cells.values()].every((difference) => verdictOn(difference) === 'no interval')) return [];
  return [`${group.label} against ${baseline.label}: ${parts.join('; ')}`];
}

const VERDICTS: readonly Verdict[] = ['ahead', 'behind', 'unclear', 'no interval'];

function wordsFor(percent: boolean): { readonly [V in Verdict]: string } {
  const words = { unclear: 'no clear difference', 'no interval': 'no interval' };
  return percent ? { ...words, ahead: 'ahead', behind: 'behind' } : { ...words, ahead: 'higher', behind: 'lower' };
}

function statement({ group, baseline, cells }: DifferenceRow, precision: string, panel: ResultPanel): string[] {
  const difference = cells.get(precision);
  const [ours, theirs] = [group, baseline].map((side) => shownMean(panel, side, precision));
  if (difference === undefined || ours === undefined || theirs === undefined) return [];
  const gap = `${typeset(differenceNumber(difference, panel.percent))}${panel.percent ? ' points' : ''}`;
  switch (verdictOn(difference)) {
    case 'no interval':
      return [
        `${at(precision)}, ${group.label} reaches ${ours} and ${baseline.label} ${theirs} (one seed: no interval)`,
      ];
    case 'unclear':
      return [
        `${at(precision)}, no clear difference between ${group.label} (${ours}) and ${baseline.label} (${theirs}): ${gap}`,
      ];
    case 'ahead':
    case 'behind': {
      const higher = difference.mean > 0;
      const word = panel.percent ? (higher ? 'ahead of' : 'behind') : higher ? 'higher than' : 'lower than';
      return [`${at(precision)}, ${group.label} (${ours}) is ${word} ${baseline.label} (${theirs}): ${gap}`];
    }
  }
}

/** `SSQL is ahead at w2a4 for 2 of 4 methods, no clear difference for 2`; nothing for one comparison. */
function count(
  rows: readonly DifferenceRow[],
  precision: string,
  { percent, metric }: ResultPanel,
): string | undefined {
  const reached = rows.flatMap((row) => {
    const difference = row.cells.get(precision);
    return difference === undefined ? [] : [{ row, difference, verdict: verdictOn(difference) }];
  });
  if (reached.length < 2) return undefined;
  const wrappers = new Set(reached.map(({ row }) => wrapperOf(row)));
  const wrapper = wrappers.size === 1 ? [...wrappers][0] : undefined;
  const of = `of ${reached.length} ${kindOf(reached.map(({ row }) => row))}`;
  if (reached.every(({ verdict }) => verdict === 'no interval')) {
    const higher = reached.filter(({ difference }) => difference.mean > 0).length;
    if (wrapper === undefined) return undefined;
    return `${wrapper} has the higher ${metric} at ${precision} for ${higher} ${of} (one seed: no interval)`;
  }
  const words = wordsFor(percent);
  const [first, ...others] = VERDICTS.flatMap((verdict) => {
    const times = reached.filter((row) => row.verdict === verdict).length;
    return times === 0 ? [] : [{ verdict, times }];
  });
  if (first === undefined) return undefined;
  const named = wrapper !== undefined && first.verdict !== 'unclear';
  const start = named ? `${wrapper} is ${words[first.verdict]}` : capitalized(words[first.verdict]);
  const rest = others.map(({ verdict, times }) => `, ${words[verdict]} for ${times}`);
  return `${start} at ${precision} for ${first.times} ${of}${rest.join('')}`;
}

/** What differs from comparison to comparison. */
function kindOf(rows: readonly DifferenceRow[]): string {
  const differs = (path: string): boolean =>
    new Set(rows.map(({ group }) => JSON.stringify(group.runs[0]?.cell[path]))).size === rows.length;
  return differs('method') ? 'methods' : differs('pipeline') ? 'pipelines' : 'comparisons';
}

/** `SSQL` for `SSQL-SimSiam` against `SimSiam`. */
function wrapperOf({ group, baseline }: DifferenceRow): string | undefined {
  const ending = `-${baseline.label}`;
  return group.label.endsWith(ending) ? group.label.slice(0, -ending.length) : undefined;
}

function single(panel: ResultPanel): string {
  const [row] = panel.rows;
  const lowest = lowestOf(panel.precisions.filter((precision) => row?.cells.has(precision)));
  if (row === undefined || lowest === undefined) return 'Nothing was evaluated';
  const float = shownMean(panel, row.group, 'float');
  const reached = `${at(lowest)}, ${row.group.label} reaches ${shownMean(panel, row.group, lowest)}`;
  return float === undefined || lowest === 'float' ? reached : `${reached}; in float, ${float}`;
}

/** Runs without epochs: their weights are the initial ones. */
function untrained(groups: readonly RunGroup[]): readonly string[] {
  return groups
    .filter(({ runs }) => runs.some((run) => epochsOf(run) === 0))
    .map(({ label }) => `${label} was not trained: its weights are the initial ones.`);
}

function epochsOf({ pipeline }: RunRecord): unknown {
  const written = parse(pipeline) as { readonly train?: { readonly epochs?: unknown } } | null; // a damaged file may hold nothing
  return written?.train?.epochs;
}

function caveat(panel: ResultPanel, groups: readonly RunGroup[], rows: readonly DifferenceRow[]): string {
  const seeds = Math.max(...groups.map(({ runs }) => runs.length));
  const metric = `Metric: ${panel.metric} of ${panel.stage}${panel.classifier === 'float' ? ' with the float classifier' : ''}`;
  if (seeds === 1) return `${metric}; one seed, so the effect of chance is unknown.`;
  const differences = rows.length === 0 ? '' : `; differences: ${pairsNote(rows)}`;
  return `${metric}; mean ± standard deviation of ${seeds} seeds${differences}.`;
}

/** The precision with the fewest bits of a product of weight and activation, then of weights; the first of equals. */
function lowestOf(precisions: readonly string[]): string | undefined {
  return precisions.toSorted((a, b) => cost(a) - cost(b))[0];
}

function cost(precision: string): number {
  const { weights, activations } = parseEvaluationPrecision(precision) ?? {
    weights: 'float' as const,
    activations: 'float' as const,
  };
  return width(weights) * width(activations) * 100 + width(weights);
}

function width(bits: Bits): number {
  return bits === 'float' ? 32 : bits;
}

function at(precision: string): string {
  return precision === 'float' ? 'In float' : `At ${precision}`;
}

function shownMean({ rows, percent }: ResultPanel, group: RunGroup, precision: string): string | undefined {
  const mean = rows.find((row) => row.group === group)?.cells.get(precision)?.mean;
  if (mean === undefined) return undefined;
  return percent ? `${plainNumber(mean)}\u00a0%` : plainNumber(mean);
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
