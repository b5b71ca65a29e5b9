import { align } from './align.js';
import { flopOf, type Work } from './arithmetic.js';
import { isMissing, type BenchOptions, type Missing, type Precision } from './bench.js';
import { costCells, COST_HEADERS, costOfStep, type Cost } from './cost.js';
import { judge, type Verdict } from './guard.js';
import { measureInTurn, type Side } from './in-turn.js';
import { betweenPeaks, leastSeconds } from './peak.js';
import type { Peer } from './peer.js';

/** The cost of a step beside the machine's peak. */
export type Judged = Cost & Verdict;

/** A side with the arithmetic of its step. */
export interface Counted {
  readonly side: Side | Missing;
  readonly work: readonly Work[];
}

/** Measures sides in turn, and the machine's peak before and after. */
export async function measureJudged<N extends string>(
  options: BenchOptions,
  { peer, precision }: { readonly peer: Peer; readonly precision: Precision },
  counted: Readonly<Record<N, Counted>>,
): Promise<Record<N, Judged | Missing>> {
  const { batch, steps, threads, log } = options;
  const entries = Object.entries<Counted>(counted);
  const work = entries.flatMap(([, side]) => side.work);
  const { measured, layerSeconds } = await betweenPeaks(options, { work, precision, peer }, () => {
    const names = entries.flatMap(([name, { side }]) => (isMissing(side) ? [] : [name])).join(', ');
    log(`${names} in turn: ${steps} steps of ${batch} images on ${threads} threads`);
    return measureInTurn(Object.fromEntries(entries.map(([name, { side }]) => [name, side])));
  });
  const judged = entries.map(([name, side]): [string, Judged | Missing] => {
    const outcome = measured[name]!;
    if (isMissing(outcome)) return [name, outcome];
    const cost = costOfStep(outcome, batch);
    const flop = flopOf(side.work, batch);
    const verdict = judge({ flop, seconds: cost.secondsPerStep, leastSeconds: leastSeconds(side.work, layerSeconds) });
    return [name, { ...cost, ...verdict }];
  });
  return Object.fromEntries(judged) as Record<N, Judged | Missing>; // the names of `counted`
}

/** A table of sides; those that were not measured are below it, with the reason. */
export function judgedTable(sides: { readonly [name: string]: Judged | Missing }): string {
  const rows = Object.entries(present(sides)).map(([name, side]) => [
    name,
    ...costCells(side),
    side.gflops.toFixed(0),
    side.peakGflops.toFixed(0),
    `${(100 * side.share).toFixed(0)}%`,
  ]);
  const reasons = Object.entries(sides).flatMap(([name, side]) =>
    isMissing(side) ? [`${name} was not measured: ${side.missing}`] : [],
  );
  return [align([['', ...COST_HEADERS, 'GFLOP/s', 'peak', 'share'], ...rows]), ...reasons].join('\n');
}

/** The sides that were measured. */
export function present(sides: { readonly [name: string]: Judged | Missing }): { readonly [name: string]: Judged } {
  return Object.fromEntries(Object.entries(sides).filter((entry): entry is [string, Judged] => !isMissing(entry[1])));
}
