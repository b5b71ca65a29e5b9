import { CommanderError, type Command } from 'commander';
import { PipelineErrors, SsqlError } from '../errors.js';
import { formatError } from '../format-error.js';
import { unsettled } from '../plugin/pending.js';
import { wantsColor } from './color.js';
import { cutShort, outputFailed, stalled, strayError, systemRefused } from './cli-errors.js';
import { createProgram } from './program.js';

const program = createProgram();
throwErrors(program);
// Output that fails never ends a run. A reader that closes the pipe early (`ssql list | head`) is not an error.
process.stderr.on('error', () => undefined);
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.exitCode = report(outputFailed(error));
});
/** Whether the work is done. */
let ended = false;
process.on('exit', (status) => {
  // Node ends a process whose promises cannot settle any more with the status 13, and says nothing that helps.
  if (status === 13 || process.exitCode === 13) process.exit(report(stalled(unsettled())));
  // A plugin called process.exit.
  if (!ended && status === 0) process.exit(report(cutShort(unsettled())));
});
// What a plugin throws after its function has returned.
process.on('uncaughtException', (error) => {
  const status = report(strayError(error));
  process.stderr.write(`${error.stack ?? ''}\n`);
  process.exit(status);
});
try {
  if (process.argv.length <= 2) program.outputHelp();
  else await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
ended = true;

/** Makes commander throw errors instead of exiting. */
function throwErrors(command: Command): void {
  command.exitOverride();
  command.commands.forEach(throwErrors);
}

/** Prints an error. @returns the exit status */
function report(error: unknown): number {
  // commander has printed it already. Help and version are not errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof SsqlError || error instanceof PipelineErrors) {
    process.stderr.write(`${formatError(error, { color: wantsColor(process.stderr) })}\n`);
    return 2;
  }
  if (error instanceof Error && 'syscall' in error) return report(systemRefused(error));
  const [message, stack] = error instanceof Error ? [error.message, error.stack ?? ''] : [String(error), ''];
  process.stderr.write(`INTERNAL_ERROR This is a bug in ssql. Please report it: ${message}\n${stack}\n`);
  return 1;
}
