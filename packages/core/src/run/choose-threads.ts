import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Threads } from '../engine/engine.js';

export interface TimedThreads {
  readonly threads: Threads;
  /** The least seconds of a run. */
  readonly seconds: number;
}

/** The threads that a machine should try: they fill its processors with parallel operations, with parallel parts of one, or with both. */
export function threadsToTry(processors: number): readonly Threads[] {
  const all = { intraOp: processors, interOp: processors };
  return processors === 1 ? [all] : [{ intraOp: 1, interOp: processors }, { intraOp: processors, interOp: 1 }, all];
}

/**
 * Times a step with each candidate, in turns, so that a slow moment of the machine does not hit one candidate only.
 * @param run runs the step once with these threads
 * @param clock milliseconds
 * @returns the candidates, fastest first
 */
export async function chooseThreads(
  candidates: readonly Threads[],
  run: (threads: Threads) => void,
  clock: () => number,
): Promise<readonly TimedThreads[]> {
  const least = candidates.map(() => Infinity);
  let spent = 0;
  for (let round = 0; round <= ROUNDS && spent < ENOUGH_SECONDS; round++) {
    for (const [index, threads] of candidates.entries()) {
      const began = clock();
      run(threads);
      const seconds = (clock() - began) / 1000;
      // The first run prepares the graph.
      if (round > 0) {
        least[index] = Math.min(least[index]!, seconds);
        spent += seconds;
      }
      await nextTurn(); // native buffers are freed between turns of the event loop
    }
  }
  return candidates
    .map((threads, index) => ({ threads, seconds: least[index]! }))
    .sort((a, b) => a.seconds - b.seconds);
}

const ROUNDS = 3;
/** Steps that take seconds are measured in fewer rounds. */
const ENOUGH_SECONDS = 10;
