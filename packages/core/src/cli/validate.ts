import { Command } from 'commander';
import { loadPipeline } from '../pipeline/load.js';
import { setOption } from './set-option.js';

/** `ssql validate <file>`: reports every problem of a pipeline, or how many runs it declares. */
export function validateCommand(): Command {
  return new Command('validate')
    .description('Check a pipeline file and report all of its problems at once.')
    .argument('<file>', 'the pipeline, a YAML file')
    .addOption(setOption())
    .action(async (file: string, { set }: { readonly set: readonly string[] }) => {
      const { name, cells } = await loadPipeline(file, { set });
      process.stdout.write(`${file}: "${name}" is valid, ${cells.length} run${cells.length === 1 ? '' : 's'}\n`);
    });
}
