import { Command } from 'commander';
import { loadPipeline } from '../pipeline/load.js';

/** `ssql validate <file>`: reports every problem of a pipeline, or how many runs it declares. */
export function validateCommand(): Command {
  return new Command('validate')
    .description('Check a pipeline file and report all of its problems at once.')
    .argument('<file>', 'the pipeline, a YAML file')
    .action(async (file: string) => {
      const { name, cells } = await loadPipeline(file);
      process.stdout.write(`${file}: "${name}" is valid, ${cells.length} run${cells.length === 1 ? '' : 's'}\n`);
    });
}
