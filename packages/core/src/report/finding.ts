import { parse } from 'yaml';
import type { RunRecord } from '../kinds/run-record.js';
import { parseEvaluationPrecision } from '../quantization/evaluation-precision.js';
import type { Bits } from '../quantization/precision.js';
import { plainNumber, signedDifference, typeset } from './numbers.js';
import type { ResultPanel, Summary } from './result-panels.js';
import { comparisons, type Comparison, type RunGroup } from './run-groups.js';

export interface Findings {
  readonly headline: string;
  readonly details: readonly string[];
}

/**
 * The results in sentences. The headline is always about the lowest precision at which both runs were evaluated, whichever is better
 * there: choosing the precision after seeing the results would make any method look good.
 */
export function findings(panels: readonly ResultPanel[], groups: readonly RunGroup[]): Findings {
  const panel =
    panels.find(({ classifier, percent }) => percent && classifier === 'matched') ??
    panels.find(({ percent }) => percent) ??
    panels[0];
  if (panel === undefined) return { headline: 'Nothing was evaluated', details: [] };
  const compared = comparisons(groups).flatMap((pair) => compare(panel, pair));
  const [first, ...others] = compared;
  if (first === undefined) return { headline: single(panel), details: [...untrained(groups), caveat(panel, groups)] };
  const details = [
    ...others.map(({ sentence }) => `${sentence}.`),
    ...compared.flatMap((comparison) => comparison.details),
    ...untrained(groups),
    caveat(panel, groups),
  ];
  return { headline: first.sentence, details };
}

interface Compared {
  readonly sentence: string;
  readonly details: readonly string[];
}

function compare(panel: ResultPanel, { group, baseline }: Comparison): readonly Compared[] {
  const ours = panel.rows.find((row) => row.group === group)?.cells;
  const theirs = panel.rows.find((row) => row.group === baseline)?.cells;
  const pairs = panel.precisions.flatMap((precision): Pair[] => {
    const our = ours?.get(precision);
    const their = theirs?.get(precision);
    return our && their ? [{ precision, our, their, difference: round(our.mean) - round(their.mean) }] : [];
  });
  const lowest = pairs.toSorted((a, b) => cost(a.precision) - cost(b.precision))[0];
  if (lowest === undefined) return [];
  const details = [];
  const float = pairs.find(({ precision }) => precision === 'float');
  if (float && float !== lowest) {
    details.push(
      `In float, ${group.label} reaches ${shown(float.our.mean, panel)} and ${baseline.label} ${shown(float.their.mean, panel)} (${gap(float, panel)}).`,
    );
  }
  if (pairs.length > 1) details.push(tally(pairs, group, panel));
  return [{ sentence: sentence(lowest, group, baseline, panel), details }];
}

interface Pair {
  readonly precision: string;
  readonly our: Summary;
  readonly their: Summary;
  readonly difference: number;
}

function sentence(pair: Pair, group: RunGroup, baseline: RunGroup, panel: ResultPanel): string {
  const at = pair.precision === 'float' ? 'In float' : `At ${pair.precision}`;
  if (round(pair.difference) === 0)
    return `${at}, ${group.label} and ${baseline.label} both reach ${shown(pair.our.mean, panel)}`;
  const overlap = pair.our.minimum <= pair.their.maximum && pair.their.minimum <= pair.our.maximum;
  const doubt = overlap ? ', but the ranges of their seeds overlap' : '';
  return `${at}, ${group.label} reaches ${shown(pair.our.mean, panel)} and ${baseline.label} ${shown(pair.their.mean, panel)}${doubt}`;
}

function tally(pairs: readonly Pair[], group: RunGroup, panel: ResultPanel): string {
  const named = (sign: number): string =>
    pairs
      .filter(({ difference }) => Math.sign(round(difference)) === sign)
      .map(({ precision }) => precision)
      .join(', ');
  const parts = [
    ['higher', named(1)],
    ['equal', named(0)],
    ['lower', named(-1)],
  ].flatMap(([word, where]) => (where === '' ? [] : [`${word} at ${where}`]));
  const widest = pairs.reduce((a, b) => (Math.abs(b.difference) > Math.abs(a.difference) ? b : a));
  const comparison = `${group.label} is ${parts.join('; ')}.`;
  if (round(widest.difference) === 0) return comparison;
  return `${comparison} The largest difference is ${gap(widest, panel)} at ${widest.precision}.`;
}

function single(panel: ResultPanel): string {
  const [row] = panel.rows;
  const lowest = panel.precisions
    .filter((precision) => row?.cells.has(precision))
    .toSorted((a, b) => cost(a) - cost(b))[0];
  const value = lowest === undefined ? undefined : row?.cells.get(lowest);
  if (row === undefined || lowest === undefined || value === undefined) return 'Nothing was evaluated';
  const float = row.cells.get('float');
  const reached = `${lowest === 'float' ? 'In float' : `At ${lowest}`}, ${row.group.label} reaches ${shown(value.mean, panel)}`;
  return float === undefined || lowest === 'float' ? reached : `${reached}; in float, ${shown(float.mean, panel)}`;
}

/** Runs without epochs: their weights are the initial ones. */
function untrained(groups: readonly RunGroup[]): readonly string[] {
  return groups
    .filter(({ runs }) => runs.some((run) => epochsOf(run) === 0))
    .map(({ label }) => `${label} was not trained: its weights are the initial ones.`);
}

function epochsOf({ pipeline }: RunRecord): unknown {
  const { train } = parse(pipeline) as { readonly train?: { readonly epochs?: unknown } };
  return train?.epochs;
}

function caveat(panel: ResultPanel, groups: readonly RunGroup[]): string {
  const seeds = Math.max(...groups.map(({ runs }) => runs.length));
  const metric = `Metric: ${panel.metric} of ${panel.stage}${panel.classifier === 'float' ? ' with the float classifier' : ''}`;
  return seeds > 1
    ? `${metric}; mean ± standard deviation of ${seeds} seeds.`
    : `${metric}; one seed, so the effect of chance is unknown.`;
}

/** Orders precisions by the bits of a product of weight and activation, then by weight bits. */
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

function gap({ difference }: Pair, { percent }: ResultPanel): string {
  if (round(difference) === 0) return 'no difference';
  return `${typeset(signedDifference(difference, 0))}${percent ? ' points' : ''}`;
}

function shown(value: number, { percent }: ResultPanel): string {
  return percent ? `${plainNumber(value)}\u00a0%` : plainNumber(value);
}

/** Differences are between rounded numbers, so that they match what readers see. */
function round(value: number): number {
  return Number(value.toFixed(1));
}
