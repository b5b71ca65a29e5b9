import { Command } from 'commander';
import { loadPipeline } from '../pipeline/load.js';
import { setOption } from './set-option.js';

/** `ssql print <file>`: the runs that a pipeline declares, resolved: names written out, defaults filled in. */
export function printCommand(): Command {
  return new Command('print')
    .description('Print the resolved pipeline of each run: what `ssql run` would do.')
    .argument('<file>', 'the pipeline, a YAML file')
    .addOption(setOption())
    .action(async (file: string, { set }: { readonly set: readonly string[] }) => {
      const { cells } = await loadPipeline(file, { set });
      const documents = cells.map(({ label, yaml }) => (label === '' ? yaml : `# ${label}\n${yaml}`));
      process.stdout.write(documents.join('---\n'));
    });
}
