import { Command } from 'commander';
import { annotatedYaml } from '../pipeline/annotate.js';
import { loadPipeline, type LoadedPipeline } from '../pipeline/load.js';
import { setOption } from './set-option.js';

interface PrintFlags {
  readonly set: readonly string[];
  readonly origins: boolean;
}

/** `ssql print <file>`: the runs that a pipeline declares, resolved: names written out, defaults filled in, each value with its origin. */
export function printCommand(): Command {
  return new Command('print')
    .description('Print the resolved pipeline of each run: what `ssql run` would do.')
    .argument('<file>', 'the pipeline, a YAML file')
    .addOption(setOption())
    .option('--no-origins', 'leave out the comments that say where each value comes from')
    .addHelpText(
      'after',
      `
Examples:
  ssql print pipelines/quickstart.yaml
  ssql print pipelines/quickstart.yaml --set seed=2 --no-origins > seed-2.yaml`,
    )
    .action(async (file: string, { set, origins }: PrintFlags) => {
      process.stdout.write(printed(await loadPipeline(file, { set }), origins));
    });
}

/** The runs of a pipeline as YAML documents. */
export function printed({ cells }: LoadedPipeline, origins = true): string {
  const documents = cells.map((cell) => {
    const yaml = origins ? annotatedYaml(cell) : cell.yaml;
    return cell.label === '' ? yaml : `# ${cell.label}\n${yaml}`;
  });
  return documents.join('---\n');
}
