import { isMissing, type Bench } from './bench.js';
import { median } from './cost.js';
import { measureInTurn } from './in-turn.js';
import { oursSide } from './ours.js';

/** The largest growth between the two windows that passes. */
const LIMIT = 0.02;

/**
 * Whether training keeps memory: resident memory over thousands of steps of a small network. The first quarter of the steps may settle;
 * the median of the last quarter is compared with that of the second.
 */
export const memoryBench: Bench = {
  summary: `resident memory over 2,000 training steps; fails if it grows by more than ${100 * LIMIT}%`,
  steps: 2000,
  leastSteps: 100,
  async run(options) {
    const { batch, steps, log } = options;
    log(`${steps} steps of ${batch} images`);
    const { ours } = await measureInTurn({ ours: oursSide({ ...options, network: 'small', wrapper: 'ssql' }) });
    if (isMissing(ours)) throw new Error(`Memory was not measured: ${ours.missing}`);
    const { residentBytes = [] } = ours;
    const { settled, last, growth } = growthOf(residentBytes);
    const every = Math.max(1, Math.floor(steps / 20));
    const memory = residentBytes.flatMap((bytes, index) =>
      (index + 1) % every === 0 ? [{ step: index + 1, residentBytes: bytes }] : [],
    );
    const rows = memory.map(
      ({ step, residentBytes: bytes }) => `${String(step).padStart(6)}  ${mebibytes(bytes).padStart(8)}`,
    );
    return {
      ok: growth <= LIMIT,
      text: [
        '  step  resident',
        ...rows,
        `median of the second quarter: ${mebibytes(settled)}; of the last: ${mebibytes(last)}`,
        `growth ${(100 * growth).toFixed(2)}%, at most ${100 * LIMIT}%${growth <= LIMIT ? '' : ': memory is not freed'}`,
      ].join('\n'),
      json: { batch, steps, memory, settledBytes: settled, lastBytes: last, growth, limit: LIMIT },
    };
  },
};

/** The growth from the second quarter of the steps to the last, between medians. */
export function growthOf(residentBytes: readonly number[]): {
  readonly settled: number;
  readonly last: number;
  readonly growth: number;
} {
  const quarter = Math.floor(residentBytes.length / 4);
  const settled = median(residentBytes.slice(quarter, 2 * quarter));
  const last = median(residentBytes.slice(3 * quarter));
  return { settled, last, growth: last / settled - 1 };
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
