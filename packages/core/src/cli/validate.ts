import { Command } from 'commander';
import { PipelineErrors, type SsqlError } from '../errors.js';
import type { Discover } from '../plugin/discover.js';
import { setExitStatus } from './exit-status.js';
import { examples } from './examples.js';
import { jsonOption, printJson } from './json-option.js';
import { setOption } from './set-option.js';

interface ValidateFlags {
  readonly set: readonly string[];
  readonly plugins: boolean;
  readonly json?: boolean;
}

/** `ssql validate <file>`: prints all problems of a pipeline, or its number of runs if it is valid. */
export function validateCommand(): Command {
  const command = new Command('validate')
    .description('Check a pipeline file and report all problems at once.')
    .argument('<file>', 'the pipeline, a YAML file')
    .addOption(setOption())
    .option('--no-plugins', 'load no plugins but the built-in ones, for a file that you do not trust yet')
    .addOption(jsonOption('the list of problems'))
    .action(async (file: string, { set, plugins, json = false }: ValidateFlags) => {
      const { loadPipeline } = await import('../pipeline/load.js');
      try {
        const { name, cells, registry, notes } = await loadPipeline(file, {
          set,
          ...(!plugins && { plugins: builtInOnly }),
        });
        for (const note of notes) process.stderr.write(`${note}\n`);
        if (json) return printJson([]);
        const [, ...others] = registry.packages.map(({ name, version }) => `${name} (${version})`);
        const loaded = others.length === 0 ? '' : `\nLoaded: ${others.join(', ')}`;
        process.stdout.write(
          `${file}: "${name}" is valid, ${cells.length} run${cells.length === 1 ? '' : 's'}${loaded}\n`,
        );
      } catch (error) {
        if (!(error instanceof PipelineErrors)) throw error;
        // Without its plugins, nothing is known of their names.
        const errors = plugins ? error.errors : error.errors.filter(({ code }) => code !== 'UNKNOWN_PLUGIN');
        if (json) {
          printJson(errors.map(problemOf));
          if (errors.length > 0) setExitStatus(2);
        } else if (errors.length > 0) throw new PipelineErrors(errors);
        else {
          const { namedPlugins } = await import('../pipeline/listed-plugins.js');
          const names = await namedPlugins(file);
          process.stdout.write(`${file}: no problems, except that its plugins were not loaded: ${names.join(', ')}\n`);
        }
      }
    });
  return examples(command, 'ssql validate pipeline.yaml', 'ssql validate pipeline.yaml --set train.epochs=3 --json');
}

const builtInOnly: Discover = async (_, folder) => {
  const { discoverRegistry } = await import('../plugin/discover.js');
  return discoverRegistry([], folder);
};

function problemOf({ code, message, details: { location, hint } }: SsqlError): object {
  return {
    code,
    message,
    ...(location && { file: location.file, line: location.line, column: location.column }),
    ...(hint === undefined ? {} : { hint }),
    ...(location?.via && { via: location.via }),
  };
}
