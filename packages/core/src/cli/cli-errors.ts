import { SsqlError } from '../errors.js';
import { didYouMean } from '../nearest-name.js';
import { messageOf } from '../values.js';

/**
 * The command line is not one that ssql understands: a command or an option that does not exist, or an argument that is missing.
 * @remedy Follow the usage in the message. `ssql help <command>` explains a command.
 */
export function commandInvalid(reason: string, usage: string): SsqlError {
  const [problem = '', suggestion] = reason.replace(/^error: /, '').split('\n');
  const text = problem.replace(/'([^']*)'/g, '`$1`').replace(/\.$/, '');
  const hint = suggestion?.replace(/^\(|\)$/g, '').replace(/mean `?([^`?]+)`?\?/, 'mean `$1`?');
  return new SsqlError('COMMAND_INVALID', `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`, {
    hint: hint ?? `Usage: ${usage}`,
  });
}

/**
 * The pipeline's matrix has no run with that label or number.
 * @remedy Use one of the listed runs.
 */
export function cellUnknown(wanted: string, labels: readonly string[]): SsqlError {
  return new SsqlError('CELL_UNKNOWN', `The pipeline has no run \`${wanted}\`.`, {
    hint: didYouMean(wanted, labels) ?? `Runs: ${labels.map((label, index) => `${index + 1} (${label})`).join(', ')}.`,
  });
}

/**
 * `ssql init` would overwrite existing files, so it wrote nothing.
 * @remedy Choose another folder, or move the files away.
 */
export function wouldOverwrite(files: readonly string[]): SsqlError {
  return new SsqlError('WOULD_OVERWRITE', `${files.join(', ')} ${files.length === 1 ? 'exists' : 'exist'} already.`, {
    hint: 'Nothing was written. Choose another folder, or move the files away.',
  });
}

/**
 * The file that a report or a preview would replace is none that it wrote, such as a file of a run, a device, or a picture without the
 * page of a preview beside it.
 * @remedy Choose another `--out`.
 */
export function wouldReplace(file: string): SsqlError {
  return new SsqlError(
    'WOULD_REPLACE',
    `${file || 'An empty name'} is there, and ssql did not write it as a page or picture.`,
    {
      hint: 'Choose another `--out`, such as `report.html`.',
    },
  );
}

/**
 * A promise of a plugin never settles, for example a top-level `await`, so the process has ended before its work was done.
 * @remedy Fix the plugin: each promise must resolve or reject. What was saved is kept; continue with `--resume`.
 */
export function stalled(waiting: readonly string[]): SsqlError {
  const what = waiting.length > 0 ? waiting.join(', ') : 'a promise that never settles';
  return new SsqlError(
    'STALLED',
    `ssql cannot go on: it waits for ${what}, and nothing is running that could end it.`,
    {
      hint: 'A promise never settles. What was saved is kept: fix the plugin, then continue with `--resume`.',
    },
  );
}

/**
 * The process was ended before its work was done, by a call of `process.exit` in a plugin.
 * @remedy Fix the plugin: it must not end the process. What was saved is kept; continue with `--resume`.
 */
export function cutShort(waiting: readonly string[]): SsqlError {
  const during = waiting.length > 0 ? ` during ${waiting.join(', ')}` : '';
  return new SsqlError('CUT_SHORT', `The process was ended${during}, before its work was done.`, {
    hint: 'A plugin calls `process.exit`. What was saved is kept: fix the plugin, then continue with `--resume`.',
  });
}

/**
 * An error that nobody handles, for example of a timer or of a promise that a plugin does not await.
 * @remedy The stack says where it comes from. A plugin must await its promises and catch the errors of its timers.
 */
export function strayError(cause: Error): SsqlError {
  return new SsqlError('STRAY_ERROR', `An error was thrown outside of the work of ssql: ${messageOf(cause)}`, {
    hint: 'It may come from a timer of a plugin, or from a promise that a plugin does not await.',
    cause,
  });
}

/**
 * The operating system refuses something that ssql asks of it, such as to open a file, and no other error describes the case.
 * @remedy Remove the reason that the message names, then run the command again; continue an interrupted run with `--resume`.
 */
export function systemRefused(cause: Error): SsqlError {
  return new SsqlError('SYSTEM_REFUSED', `The operating system refused a call of ssql: ${cause.message}.`, {
    hint: 'Remove the reason, then run the command again. What was saved is kept: continue a run with `--resume`.',
    cause,
  });
}

/**
 * What a command prints cannot be written, for example because the disk is full. Runs go on, and their files are complete.
 * @remedy Free space, or write the output elsewhere, then run the command again.
 */
export function outputFailed(cause: Error): SsqlError {
  return new SsqlError('OUTPUT_FAILED', `The output cannot be written: ${cause.message}.`, {
    hint: 'Only what is printed was lost. Write it elsewhere and run the command again.',
    cause,
  });
}
