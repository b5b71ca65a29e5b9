import { CommanderError, type Command } from 'commander';
import { PipelineErrors, SsqlError } from '../errors.js';
import { formatError } from '../format-error.js';
import { wantsColor } from './color.js';
import { createProgram } from './program.js';

const program = createProgram();
throwErrors(program);
// A reader that has seen enough (`ssql list | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
try {
  if (process.argv.length <= 2) program.outputHelp();
  else await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Errors of the command line are thrown, not exited with. */
function throwErrors(command: Command): void {
  command.exitOverride();
  command.commands.forEach(throwErrors);
}

/** Says what went wrong. @returns the exit status */
function report(error: unknown): number {
  // commander has said it already; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof SsqlError || error instanceof PipelineErrors) {
    process.stderr.write(`${formatError(error, { color: wantsColor(process.stderr) })}\n`);
    return 2;
  }
  const [what, stack] = error instanceof Error ? [error.message, error.stack ?? ''] : [String(error), ''];
  process.stderr.write(`INTERNAL_ERROR This is a fault in ssql, please report it: ${what}\n${stack}\n`);
  return 1;
}
