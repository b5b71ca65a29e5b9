import { Command } from 'commander';
import { PipelineErrors, SsqlError } from '../errors.js';
import { formatError } from '../format-error.js';
import { engineCommand } from './engine.js';
import { validateCommand } from './validate.js';

const program = new Command('ssql').description('Train quantization-friendly self-supervised models.');
program.addCommand(validateCommand()).addCommand(engineCommand());

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof SsqlError) && !(error instanceof PipelineErrors)) throw error;
  process.stderr.write(
    `${formatError(error, { color: process.stderr.isTTY && process.env['NO_COLOR'] === undefined })}\n`,
  );
  process.exitCode = 2;
}
