import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PreparedRun } from './prepared-run.js';
import type { RunOptions } from './run-options.js';
import type { StageContext } from '../kinds/stage.js';

/**
 * What stages get whatever they look at.
 * @param phase the name of a phase, for progress
 */
export function stageSurroundings(
  { engine, cell, composition }: PreparedRun,
  { signal, onProgress }: Pick<RunOptions, 'signal' | 'onProgress'>,
  phase: (what: string) => string,
): Pick<StageContext, 'engine' | 'dataset' | 'seed' | 'progress' | 'signal'> {
  return {
    engine,
    dataset: composition.dataset,
    seed: cell.pipeline.seed,
    async progress(message, done, total) {
      onProgress({ phase: phase(message), done, total });
      await nextTurn();
      signal.throwIfAborted();
    },
    signal,
  };
}
