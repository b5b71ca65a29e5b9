import type { Bench } from './bench.js';
import { measureOurs } from './ours.js';

/** Whether training holds what it held: resident memory over thousands of steps of a small network. */
export const memoryBench: Bench = {
  summary: 'resident memory over 2,000 steps of training',
  steps: 2000,
  async run(options) {
    const { memory } = await measureOurs(options, { network: 'small' });
    const settled = memory.filter(({ step }) => step >= options.steps / 4);
    const [first, last] = [settled.at(0)?.residentBytes ?? NaN, settled.at(-1)?.residentBytes ?? NaN];
    const ratio = last / first;
    const rows = memory.map(({ step, residentBytes }) => `${String(step).padStart(6)}  ${mebibytes(residentBytes)}`);
    return {
      ok: Number.isFinite(ratio),
      text: ['  step  resident', ...rows, `last over step ${settled.at(0)?.step}: ${ratio.toFixed(3)}`].join('\n'),
      json: { steps: options.steps, batch: options.batch, memory, ratio },
    };
  },
};

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`.padStart(8);
}
