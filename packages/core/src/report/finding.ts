import { parse } from 'yaml';
import type { RunRecord } from '../kinds/run-record.js';
import { parseEvaluationPrecision } from '../quantization/evaluation-precision.js';
import type { Bits } from '../quantization/precision.js';
import { countedHeadline, VERDICTS, wordsFor } from './counted-headline.js';
import { differenceRows, pairsNote, verdictOn, type DifferenceRow } from './differences.js';
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
  const compared = comparisons(groups);
  const rows = differenceRows(panel, compared);
  const lowest = lowestOf(panel.precisions.filter((precision) => rows.some(({ cells }) => cells.has(precision))));
  if (lowest === undefined) {
    const unpaired = compared.length === 0 ? [] : ['Nothing was compared: no two runs have equal seeds.'];
    return { headline: reached(panel), details: [...unpaired, ...untrained(groups), caveat(panel, groups, rows)] };
  }
  const statements = rows.flatMap((row) => statement(row, lowest, panel));
  const counted = countedHeadline(rows, lowest, panel);
  // Of many comparisons, the verdicts say enough; the numbers are in the tables.
  const numbers = rows.length <= 2;
  const details = [
    ...(!numbers ? [] : counted === undefined ? statements.slice(1) : statements),
    ...(lowest === 'float' || !numbers ? [] : rows.flatMap((row) => statement(row, 'float', panel))),
    ...rows.flatMap((row) => verdicts(row, panel)),
  ];
  return {
    headline: counted ?? statements[0] ?? reached(panel),
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

/** `At w2a4, SimSiam reaches 96.2 %; in float, 98.2 %`, or the lowest and the highest of several groups. */
function reached(panel: ResultPanel): string {
  const lowest = lowestOf(panel.precisions);
  if (lowest === undefined) return 'Nothing was evaluated';
  const means = panel.rows.flatMap(({ group, cells }) => {
    const mean = cells.get(lowest)?.mean;
    return mean === undefined ? [] : [{ group, mean }];
  });
  const [worst, ...others] = means.toSorted((a, b) => a.mean - b.mean).map(({ group }) => group);
  if (worst === undefined) return 'Nothing was evaluated';
  const shown = (group: RunGroup, precision: string): string | undefined => shownMean(panel, group, precision);
  const best = others.at(-1);
  if (best !== undefined)
    return `${at(lowest)}, from ${shown(worst, lowest)} (${worst.label}) to ${shown(best, lowest)} (${best.label})`;
  const float = shown(worst, 'float');
  const reach = `${at(lowest)}, ${worst.label} reaches ${shown(worst, lowest)}`;
  return float === undefined || lowest === 'float' ? reach : `${reach}; in float, ${float}`;
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
  const counts = groups.map(({ runs }) => runs.length);
  const [fewest, seeds] = [Math.min(...counts), Math.max(...counts)];
  const metric = `Metric: ${panel.metric} of ${panel.stage}${panel.classifier === 'float' ? ' with the float classifier' : ''}`;
  if (seeds === 1) return `${metric}; one seed, so the effect of chance is unknown.`;
  const differences = rows.length === 0 ? '' : `; differences: ${pairsNote(rows)}`;
  return `${metric}; mean ± standard deviation of ${fewest === seeds ? '' : `${fewest} to `}${seeds} seeds${differences}.`;
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
