import { SsqlError } from '../errors.js';
import { didYouMean } from '../nearest-name.js';

/**
 * The run was begun and not finished.
 * @remedy Go on with `--resume`, or start it anew with `--fresh`.
 */
export function runUnfinished(folder: string): SsqlError {
  return new SsqlError('RUN_UNFINISHED', `${folder} holds an unfinished run`, {
    hint: 'Go on with it: `--resume`. Start it anew: `--fresh`.',
  });
}

/**
 * Another process is at work on the run.
 * @remedy Wait for it, or stop it. The message names the process.
 */
export function runInUse(folder: string, owner?: string): SsqlError {
  return new SsqlError('RUN_IN_USE', `Another process is at work on ${folder}${owner ? `: ${owner}` : ''}.`, {
    hint: 'Wait for it, or stop it.',
  });
}

/**
 * The run was trained by another version of ssql or of a plugin, or on other data: going on would mix the two.
 * @remedy Start it anew with `--fresh`, or move the folder away.
 */
export function runOutdated(folder: string): SsqlError {
  return new SsqlError(
    'RUN_OUTDATED',
    `${folder} was trained by another version of ssql or of a plugin, or on other data.`,
    {
      hint: 'Start it anew with --fresh, or move the folder away.',
    },
  );
}

/**
 * A folder is no run, and no run below the folder of runs has that name.
 * @remedy `ssql runs` lists them.
 */
export function runNotFound(wanted: string, known: readonly string[] = []): SsqlError {
  return new SsqlError('RUN_NOT_FOUND', `${wanted} holds no run, and no run has that name.`, {
    hint: didYouMean(wanted, known) ?? (known.length > 0 ? `Runs: ${known.join(', ')}.` : undefined),
  });
}

/**
 * Several runs have the name.
 * @remedy Name the run as `pipeline/id`, or its folder.
 */
export function runAmbiguous(wanted: string, found: readonly string[]): SsqlError {
  return new SsqlError('RUN_AMBIGUOUS', `Several runs are named ${wanted}.`, {
    hint: `Name one of them: ${found.join(', ')}.`,
  });
}

/**
 * There is no folder of runs at that path.
 * @remedy Run a pipeline first, or name the folder that holds the runs.
 */
export function runsMissing(folder: string): SsqlError {
  return new SsqlError('RUNS_MISSING', `There is no folder of runs ${folder}.`, {
    hint: 'Run a pipeline first: `ssql run <file>`. Or name the folder that holds the runs.',
  });
}

/**
 * A file of a run is damaged.
 * @remedy Start the run anew with `--fresh`.
 */
export function runCorrupt(message: string, cause: unknown): SsqlError {
  return new SsqlError('RUN_CORRUPT', message, { cause, hint: 'Start the run anew with --fresh.' });
}

/**
 * A checkpoint or a file of weights is damaged or cut short.
 * @remedy Delete the file, or start the run anew with `--fresh`.
 */
export function checkpointCorrupt(message: string, cause?: unknown): SsqlError {
  return new SsqlError('CHECKPOINT_CORRUPT', message, { cause, hint: 'Delete the file, or start with --fresh.' });
}

/**
 * The disk is full. What was saved before is whole.
 * @remedy Free some space, then go on with `--resume`.
 */
export function diskFull(file: string, cause: unknown): SsqlError {
  return new SsqlError('DISK_FULL', `No space left to write ${file}`, {
    cause,
    hint: 'Free some space, then go on with --resume.',
  });
}

/**
 * A file of a run may not be written.
 * @remedy Check the permissions of the folder.
 */
export function notWritable(file: string, cause: unknown): SsqlError {
  return new SsqlError('NOT_WRITABLE', `Cannot write ${file}`, {
    cause,
    hint: 'Check the permissions of the folder.',
  });
}
