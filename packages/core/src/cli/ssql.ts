import { Command } from 'commander';
import { PipelineErrors, SsqlError } from '../errors.js';
import { formatError } from '../format-error.js';
import { doctorCommand } from './doctor.js';
import { engineCommand } from './engine.js';
import { listCommand } from './list.js';
import { printCommand } from './print.js';
import { runCommand } from './run.js';
import { schemaCommand } from './schema.js';
import { showCommand } from './show.js';
import { validateCommand } from './validate.js';
import { readVersion } from '../version.js';

const program = new Command('ssql')
  .description('Train quantization-friendly self-supervised models.')
  .version(readVersion());
for (const command of [
  runCommand(),
  validateCommand(),
  printCommand(),
  listCommand(),
  showCommand(),
  schemaCommand(),
  engineCommand(),
  doctorCommand(),
])
  program.addCommand(command);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof SsqlError) && !(error instanceof PipelineErrors)) throw error;
  process.stderr.write(
    `${formatError(error, { color: process.stderr.isTTY && process.env['NO_COLOR'] === undefined })}\n`,
  );
  process.exitCode = 2;
}
