import { align } from './align.js';
import type { Bench } from './bench.js';
import { cellsOf, spreadOf } from './spread.js';
import { ssqlRun } from './ssql-run.js';

/** What `ours/start-clock.js` prints: milliseconds from the start of the process. */
interface Marks {
  /** Node, the command line and the pipeline file. */
  readonly imported: number;
  /** The other plugins, validation, libtensorflow and the data. */
  readonly created: number;
  /** The networks, all checks and the run's folder. */
  readonly opened: number;
  /** The initial weights, and the first step: traced, optimized and run. */
  readonly stepped: number;
}

const PHASES: readonly (readonly [title: string, seconds: (marks: Marks) => number])[] = [
  ['program and pipeline file', ({ imported }) => imported / 1000],
  ['plugins, engine and data', ({ imported, created }) => (created - imported) / 1000],
  ['networks, checks, folder', ({ created, opened }) => (opened - created) / 1000],
  ['first step', ({ opened, stepped }) => (stepped - opened) / 1000],
  ['all', ({ stepped }) => stepped / 1000],
];

/** `ssql run` of the quickstart until its first step has ended, from the start of the process. */
export const startBench: Bench = {
  summary: 'seconds from the start of `ssql run` to the end of its first step, by phase',
  steps: 5,
  async run({ steps, log }) {
    const starts: Marks[] = [];
    for (let start = 1; start <= steps; start++) {
      log(`start ${start} of ${steps}`);
      const [marks] = await ssqlRun('start-clock', ['loggers=[tensorboard, start-clock]']);
      if (marks) starts.push(marks as Marks);
    }
    const phases = PHASES.map(([title, seconds]) => ({ title, ...spreadOf(starts.map(seconds)) }));
    const rows = phases.map((phase) => [phase.title, ...cellsOf(phase)]);
    return {
      ok: starts.length === steps,
      text: align([['', 'median s', 'lowest to highest'], ...rows]),
      json: { starts: starts.length, phases, secondsToFirstStep: phases.at(-1)!.median },
    };
  },
};
