import { SsqlError } from '../errors.js';
import { didYouMean } from '../nearest-name.js';

/**
 * An earlier run in this folder was started and not finished.
 * @remedy Continue it with `--resume`, or start again under another `--runs` folder.
 */
export function runUnfinished(folder: string): SsqlError {
  return new SsqlError('RUN_UNFINISHED', `The folder ${folder} holds an unfinished run.`, {
    hint: 'Continue it with `--resume`, or start again under another `--runs` folder.',
  });
}

/**
 * Another process is using the run.
 * @remedy Wait for it, or stop it. The message names the process.
 */
export function runInUse(folder: string, owner?: string): SsqlError {
  return new SsqlError('RUN_IN_USE', `Another process is using ${folder}${owner ? `: ${owner}` : ''}.`, {
    hint: 'Wait for it, or stop it.',
  });
}

/**
 * The run was trained with another version of ssql or of a plugin, or on other data. Continuing would mix the two.
 * @remedy Move the folder away, or start the run under another `--runs` folder.
 */
export function runOutdated(folder: string): SsqlError {
  return new SsqlError(
    'RUN_OUTDATED',
    `The run in ${folder} was trained with another version of ssql or of a plugin, or on other data.`,
    {
      hint: 'Move the folder away, or start the run under another `--runs` folder.',
    },
  );
}

/**
 * No run has that folder, name or id.
 * @remedy List the runs with `ssql runs`, and check `--runs`.
 */
export function runNotFound(wanted: string, known: readonly string[] = []): SsqlError {
  return new SsqlError('RUN_NOT_FOUND', `Run \`${wanted}\` not found.`, {
    hint:
      didYouMean(wanted, known) ??
      (known.length > 0
        ? `Runs: ${known.join(', ')}.`
        : '`ssql runs` lists those in `./runs`; `--runs` names another folder.'),
  });
}

/**
 * Several runs have the name.
 * @remedy Write `pipeline/id`, or the run's folder.
 */
export function runAmbiguous(wanted: string, matches: readonly string[]): SsqlError {
  return new SsqlError('RUN_AMBIGUOUS', `The name \`${wanted}\` matches several runs.`, {
    hint: `Choose one of: ${matches.join(', ')}.`,
  });
}

/**
 * The folder of runs does not exist.
 * @remedy Run a pipeline first, or pass the folder that holds the runs.
 */
export function runsMissing(folder: string): SsqlError {
  return new SsqlError('RUNS_MISSING', `There is no folder \`${folder}\`.`, {
    hint: 'Run a pipeline first (`ssql run <file>`), or pass the folder that holds the runs.',
  });
}

/**
 * A file of a run is damaged.
 * @remedy Move the run's folder away, or start the run again under another `--runs` folder.
 */
export function runCorrupt(message: string, cause: unknown): SsqlError {
  return new SsqlError('RUN_CORRUPT', `${message}.`, {
    cause,
    hint: "Move the run's folder away, or start the run again under another `--runs` folder.",
  });
}

/**
 * A folder holds files of a run, but not those that say what they are. Continuing would replace them.
 * @remedy Put the missing file back, move the folder away, or start the run again under another `--runs` folder.
 * @see RUN_CORRUPT
 */
export function progressMissing(folder: string, finished: string, weights: string): SsqlError {
  return runCorrupt(`${folder} holds ${weights}, but neither ${finished} nor a checkpoint`, undefined);
}

/**
 * Weights or a checkpoint come from a training with another seed, pipeline, version or data than the run's.
 * @remedy Put the run's own file back, move the folder away, or start the run again under another `--runs` folder.
 * @see RUN_CORRUPT
 */
export function ofAnotherTraining(file: string): SsqlError {
  return runCorrupt(`${file} was written by another training than that of the run`, undefined);
}

/**
 * A file of a run does not match its checksum: it is damaged, or somebody edited it.
 * @remedy Use an intact copy of the file, or start the run again under another `--runs` folder. The error says how to keep an edit that was meant.
 * @see RUN_CORRUPT
 */
export function checksumWrong(file: string, keepEdit: string): SsqlError {
  return new SsqlError('RUN_CORRUPT', `${file} does not match its checksum: it is damaged or was edited.`, {
    hint:
      'Use an intact copy of the file, or start the run again under another `--runs` folder. ' +
      `If you edited it on purpose, ${keepEdit}.`,
  });
}

/**
 * A finished run has lost its weights, and also the last checkpoint, which has them too.
 * @remedy Put `weights.safetensors` or the folder `checkpoints` back, or start the run again under another `--runs` folder.
 */
export function weightsMissing(file: string): SsqlError {
  return new SsqlError('WEIGHTS_MISSING', `The run is finished, but ${file} and its last checkpoint are gone.`, {
    hint: 'Put one of them back, or start the run again under another `--runs` folder.',
  });
}

/**
 * A checkpoint or a file of weights is damaged or incomplete.
 * @remedy Use an intact copy of the file, or start the run again under another `--runs` folder.
 */
export function checkpointCorrupt(message: string, cause?: unknown): SsqlError {
  return new SsqlError('CHECKPOINT_CORRUPT', `${message}.`, {
    cause,
    hint: 'Use an intact copy of the file, or start the run again under another `--runs` folder.',
  });
}

/**
 * The disk is full. Files saved before are complete.
 * @remedy Free some disk space, or remove files if `df -i` shows no free inodes, then continue with `--resume`.
 */
export function diskFull(file: string, cause: unknown): SsqlError {
  return new SsqlError('DISK_FULL', `The disk is full: cannot write ${file}.`, {
    cause,
    hint: 'Free some disk space, or remove files if `df -i` shows no free inodes. Then continue with `--resume`.',
  });
}

/**
 * A file of a run cannot be written.
 * @remedy Remove the reason that the message names, or choose another folder with `--runs`. Then continue with `--resume`.
 */
export function notWritable(file: string, reason: string, cause: unknown): SsqlError {
  return new SsqlError('NOT_WRITABLE', `Cannot write ${file}: ${reason}.`, {
    cause,
    hint: 'Remove the reason, or choose another folder with `--runs`. What was saved is kept: continue with `--resume`.',
  });
}
