import { Command } from 'commander';
import { PipelineErrors, type SsqlError } from '../errors.js';
import { examples } from './examples.js';
import { jsonOption, printJson } from './json-option.js';
import { setOption } from './set-option.js';

interface ValidateFlags {
  readonly set: readonly string[];
  readonly json?: boolean;
}

/** `ssql validate <file>`: prints all problems of a pipeline, or its number of runs if it is valid. */
export function validateCommand(): Command {
  const command = new Command('validate')
    .description('Check a pipeline file and report all problems at once.')
    .argument('<file>', 'the pipeline, a YAML file')
    .addOption(setOption())
    .addOption(jsonOption('the list of problems'))
    .action(async (file: string, { set, json = false }: ValidateFlags) => {
      const { loadPipeline } = await import('../pipeline/load.js');
      try {
        const { name, cells } = await loadPipeline(file, { set });
        if (json) printJson([]);
        else process.stdout.write(`${file}: "${name}" is valid, ${cells.length} run${cells.length === 1 ? '' : 's'}\n`);
      } catch (error) {
        if (!json || !(error instanceof PipelineErrors)) throw error;
        printJson(error.errors.map(problemOf));
        process.exitCode = 2;
      }
    });
  return examples(command, 'ssql validate pipeline.yaml', 'ssql validate pipeline.yaml --set train.epochs=3 --json');
}

function problemOf({ code, message, details: { location, hint } }: SsqlError): object {
  return {
    code,
    message,
    ...(location && { file: location.file, line: location.line, column: location.column }),
    ...(hint === undefined ? {} : { hint }),
    ...(location?.via && { via: location.via }),
  };
}
