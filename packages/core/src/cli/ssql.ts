import { CommanderError, type Command } from 'commander';
import { PipelineErrors, SsqlError } from '../errors.js';
import { formatError } from '../format-error.js';
import { unsettled } from '../plugin/pending.js';
import { wantsColor } from './color.js';
import { exitStatus, setExitStatus } from './exit-status.js';
import { commandInvalid, cutShort, outputFailed, stalled, strayError, systemRefused } from './cli-errors.js';
import { createProgram } from './program.js';

const program = createProgram();
throwErrors(program);
// Output that fails never ends a run. A reader that closes the pipe early (`ssql list | head`) is not an error.
process.stderr.on('error', () => undefined);
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') setExitStatus(report(outputFailed(error)));
});
/** Milliseconds for what ends by itself. */
const GRACE = 1000;
/** Whether the work is done. */
let ended = false;
process.on('exit', (status) => {
  // A plugin may have set another status.
  if (ended) process.exitCode = exitStatus();
  // Node ends a process whose promises cannot settle any more with the status 13, and says nothing that helps.
  else if (status === 13 || process.exitCode === 13) process.exit(report(stalled(unsettled())));
  // A plugin called process.exit.
  else process.exit(report(cutShort(unsettled())));
});
// What a plugin throws after its function has returned.
process.on('uncaughtException', (error) => {
  setExitStatus(report(strayError(error)));
  process.stderr.write(`${error.stack ?? ''}\n`);
  ended = true;
  process.exit();
});
try {
  if (process.argv.length <= 2) program.outputHelp();
  else await program.parseAsync();
} catch (error) {
  setExitStatus(report(error));
}
ended = true;
// A timer of a plugin keeps nobody waiting. What was printed is out before, and the timer here keeps no process alive.
for (const stream of [process.stdout, process.stderr])
  await new Promise<void>((resolve) => stream.write('', () => resolve()));
setTimeout(() => process.exit(), GRACE).unref();

/** Makes commander throw errors instead of printing them and exiting. */
function throwErrors(command: Command): void {
  command.configureOutput({ outputError: () => undefined });
  command.exitOverride((error) => {
    throw error.exitCode === 0 ? error : commandInvalid(error.message, usageOf(command));
  });
  command.commands.forEach(throwErrors);
}

/** `ssql diff [options] <a> <others...>`. */
function usageOf(command: Command): string {
  const names: string[] = [];
  for (let part: Command | null = command; part !== null; part = part.parent) names.unshift(part.name());
  return `${names.join(' ')} ${command.usage()}`;
}

/** Prints an error. @returns the exit status */
function report(error: unknown): number {
  if (error instanceof CommanderError) return 0; // help and version
  if (error instanceof SsqlError || error instanceof PipelineErrors) {
    process.stderr.write(`${formatError(error, { color: wantsColor(process.stderr) })}\n`);
    return 2;
  }
  if (error instanceof Error && 'syscall' in error) return report(systemRefused(error));
  const [message, stack] = error instanceof Error ? [error.message, error.stack ?? ''] : [String(error), ''];
  process.stderr.write(`INTERNAL_ERROR This is a bug in ssql. Please report it: ${message}\n${stack}\n`);
  return 1;
}
