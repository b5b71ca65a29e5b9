import { Command } from 'commander';
import { annotatedYaml } from '../pipeline/annotate.js';
import type { LoadedPipeline } from '../pipeline/load.js';
import { examples } from './examples.js';
import { jsonOption, printJson } from './json-option.js';
import { setOption } from './set-option.js';

interface PrintFlags {
  readonly set: readonly string[];
  readonly origins: boolean;
  readonly json?: boolean;
}

/** `ssql print <file>`: prints the resolved runs of a pipeline, with names expanded, defaults filled in, and the origin of each value. */
export function printCommand(): Command {
  const command = new Command('print')
    .description('Print the resolved pipeline of each run, as `ssql run` would run it.')
    .argument('<file>', 'the pipeline, a YAML file')
    .addOption(setOption())
    .option('--no-origins', 'omit the comments with the origin of each value')
    .addOption(jsonOption('the list of runs'))
    .action(async (file: string, { set, origins, json = false }: PrintFlags) => {
      const { loadPipeline } = await import('../pipeline/load.js');
      const loaded = await loadPipeline(file, { set });
      if (json) return printJson(loaded.cells.map(({ label, cell, pipeline }) => ({ label, cell, pipeline })));
      process.stdout.write(printed(loaded, origins));
    });
  return examples(
    command,
    'ssql print pipelines/quickstart.yaml',
    'ssql print pipelines/quickstart.yaml --set seed=2 --no-origins > seed-2.yaml',
    'ssql print pipelines/quickstart.yaml --json',
  );
}

/** The runs of a pipeline as YAML documents. */
export function printed({ cells }: LoadedPipeline, origins = true): string {
  const documents = cells.map((cell) => {
    const yaml = origins ? annotatedYaml(cell) : cell.yaml;
    return cell.label === '' ? yaml : `# ${cell.label}\n${yaml}`;
  });
  return documents.join('---\n');
}
