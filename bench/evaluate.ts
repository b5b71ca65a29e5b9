import { describePipeline, loadPipeline } from '@ssql/core/run';
import { align } from './align.js';
import type { Bench } from './bench.js';
import { cellsOf, spreadOf } from './spread.js';
import { QUICKSTART, ssql, ssqlRun } from './ssql-run.js';

/** What `ours/evaluation-turns.js` prints. */
interface Turn {
  readonly side: keyof typeof SIDES;
  readonly seconds: number;
  readonly images: number;
  readonly precisions: readonly string[];
  readonly threads: { readonly intraOp: number; readonly interOp: number };
}

const SIDES = { onePass: 'one pass', separatePasses: 'a pass for each precision' } as const;

/** Features of all digits at ten precisions, calibration included: one call of a stage, beside a call for each precision, in turn. */
export const evaluateBench: Bench = {
  summary: 'features of the digits at ten precisions: one pass over the images, beside a pass for each',
  steps: 5,
  async run({ steps, log }) {
    const peakGflops = await speedOfConvolutions();
    log(`${steps} turns of each side`);
    const turns = (await ssqlRun('evaluation-turns', [
      '~matrix',
      'quantization.wrap=none',
      'stages=[]',
      'loggers=[]',
      'monitor={ every: 1, stages: [evaluation-turns] }',
      // A turn an epoch; each side compiles its steps in its first.
      `train={ epochs: ${2 * (steps + 1)}, batch: 2000 }`,
    ])) as readonly Turn[];
    const [{ images, precisions, threads }] = turns as readonly [Turn];
    const gflop = (images * precisions.length * 2 * (await multiplications())) / 1e9;
    const sides = (['onePass', 'separatePasses'] as const).map((side) => {
      const [, ...seconds] = turns.filter((turn) => turn.side === side).map((turn) => turn.seconds);
      const spread = spreadOf(seconds);
      return { side, ...spread, gflops: gflop / spread.median };
    });
    const [onePass, separatePasses] = sides as [(typeof sides)[0], (typeof sides)[0]];
    const ratio = separatePasses.median / onePass.median;
    const possible = sides.every(({ gflops }) => gflops <= peakGflops);
    const rows = sides.map((side) => [SIDES[side.side], ...cellsOf(side), side.gflops.toFixed(0)]);
    return {
      ok: possible,
      text: [
        align([['', 'median s', 'lowest to highest', 'GFLOP/s'], ...rows]),
        `ratio ${ratio.toFixed(2)}x; ${images} images at ${precisions.length} precisions, ${gflop.toFixed(0)} GFLOP`,
        `${threads.intraOp} threads an operation, ${threads.interOp} operations side by side; convolutions reach ${peakGflops} GFLOP/s`,
        ...(possible ? [] : ['A side is faster than the convolutions: it left out a part of the arithmetic.']),
      ].join('\n'),
      json: { images, precisions, threads, turns: steps, gflop, peakGflops, onePass, separatePasses, ratio },
    };
  },
};

/** Of the backbone, for one image. */
async function multiplications(): Promise<number> {
  const loaded = await loadPipeline(QUICKSTART);
  const { costs } = await describePipeline(loaded, loaded.cells[0]!, undefined);
  return costs[0]!.cost.macs;
}

/** 10^9 operations per second. */
async function speedOfConvolutions(): Promise<number> {
  const { speed } = JSON.parse(await ssql(['doctor', '--json'])) as { readonly speed: string };
  return Number.parseFloat(speed);
}
