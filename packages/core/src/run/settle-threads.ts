import { availableParallelism } from 'node:os';
import { readManifestIfThere } from '../artifact/run-files.js';
import { MOST_THREADS, type Threads } from '../engine/engine.js';
import { isCount } from '../values.js';
import { isRecord } from '../pipeline/references.js';
import { trialStep } from '../train/trial-step.js';
import { chooseThreads, threadsToTry, type TimedThreads } from './choose-threads.js';
import type { PreparedRun } from './prepared-run.js';
import type { RunOptions } from './run-options.js';

/**
 * With `threads: auto`, makes the engine compute with the threads of the run: those in its manifest, or for a new run the fastest.
 * @param path the run's folder
 */
export async function settleThreads(
  run: PreparedRun,
  { signal, onEvent, clock }: Pick<RunOptions, 'signal' | 'onEvent' | 'clock'>,
  path: string,
): Promise<void> {
  const { engine, cell } = run;
  const { pipeline } = cell;
  // Without epochs there is no training step to time.
  if (pipeline.engine.threads !== 'auto' || pipeline.train.epochs === 0 || engine.useThreads === undefined) return;
  const recorded = await recordedThreads(path, engine.info.name);
  if (recorded !== undefined) return engine.useThreads(recorded);

  const candidates = threadsToTry(availableParallelism());
  if (candidates.length === 1) return engine.useThreads(candidates[0]!);
  const settings = { ...run, ...pipeline.train, precision: pipeline.engine.precision, seed: pipeline.seed };
  const step = await trialStep(settings);
  try {
    const timed = await chooseThreads(
      candidates,
      (threads) => {
        signal.throwIfAborted();
        engine.useThreads?.(threads);
        step.run();
      },
      clock,
    );
    engine.useThreads(timed[0]!.threads);
    onEvent({ type: 'note', text: formatChoice(timed) });
  } finally {
    step.dispose();
  }
}

/**
 * What `--dry-run` says about the threads of a run with `threads: auto`; otherwise nothing.
 * @param path the run's folder, unless the run starts over
 */
export async function plannedThreads(
  { engine, cell }: Pick<PreparedRun, 'engine' | 'cell'>,
  path: string | undefined,
): Promise<string> {
  const { engine: settings, train } = cell.pipeline;
  if (settings.threads !== 'auto' || train.epochs === 0 || engine.useThreads === undefined) return '';
  const recorded = path === undefined ? undefined : await recordedThreads(path, engine.info.name);
  return `, threads: ${recorded === undefined ? 'measured before the first step' : format(recorded)}`;
}

/** The threads with which a run began on the engine of this name, from its manifest. */
async function recordedThreads(path: string, name: string): Promise<Threads | undefined> {
  const engine = (await readManifestIfThere(path))?.['engine'];
  if (!isRecord(engine) || engine['name'] !== name || !isRecord(engine['threads'])) return undefined;
  const { intraOp, interOp } = engine['threads'];
  return isThreadCount(intraOp) && isThreadCount(interOp) ? { intraOp, interOp } : undefined;
}

function isThreadCount(value: unknown): value is number {
  return isCount(value, 1) && (value as number) <= MOST_THREADS;
}

/** What was chosen, and what the other choices took. */
function formatChoice([fastest, ...others]: readonly TimedThreads[]): string {
  const rest = others.map(({ threads, seconds }) => `${seconds.toFixed(3)} s (${format(threads)})`);
  return `Threads: ${format(fastest!.threads)}. A step takes ${fastest!.seconds.toFixed(3)} s, against ${rest.join(' and ')}.`;
}

function format({ intraOp, interOp }: Threads): string {
  return `${intraOp} within an operation, ${interOp} side by side`;
}
