import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { namedPlugins } from '../pipeline/load.js';
import { discoverRegistry } from '../plugin/discover.js';
import { pipelineSchema } from '../schemas/pipeline-schema.js';
import { pluginOption } from './plugin-option.js';

/** `ssql schema [file]`: the JSON Schema of pipeline files, with the options of all plugins, for editors. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description('Print the JSON Schema (draft-07) of pipeline files, for editors.')
    .argument('[file]', 'a pipeline file, whose plugins are included')
    .addOption(pluginOption())
    .addHelpText(
      'after',
      '\nExamples:\n  ssql schema pipeline.yaml > pipeline.schema.json\n  ssql schema --plugin ssql-plugin-apot',
    )
    .action(async (file: string | undefined, { plugin }: { readonly plugin: readonly string[] }) => {
      const folder = file === undefined ? process.cwd() : dirname(resolve(file));
      const named = file === undefined ? [] : await namedPlugins(file);
      const references = [...plugin.map(from(process.cwd())), ...named.map(from(folder))];
      const registry = await discoverRegistry(references, folder);
      process.stdout.write(`${JSON.stringify(pipelineSchema(registry), undefined, 2)}\n`);
    });
}

/** A file as its absolute path, a package as it is. */
function from(folder: string): (reference: string) => string {
  return (reference) => (/^\.{1,2}\//.test(reference) ? resolve(folder, reference) : reference);
}
