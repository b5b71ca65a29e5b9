import { Command } from 'commander';
import { discoverRegistry } from '../plugin/discover.js';
import { pipelineSchema } from '../schemas/pipeline-schema.js';
import { pluginOption } from './plugin-option.js';

/** `ssql schema`: the JSON Schema of pipeline files, with the options of all plugins, for editors. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description('Print the JSON Schema (draft-07) of pipeline files, for editors.')
    .addOption(pluginOption())
    .addHelpText('after', '\nExample:\n  ssql schema --plugin ssql-plugin-apot > pipeline.schema.json')
    .action(async ({ plugin }: { readonly plugin: readonly string[] }) => {
      const registry = await discoverRegistry(plugin, process.cwd());
      process.stdout.write(`${JSON.stringify(pipelineSchema(registry), undefined, 2)}\n`);
    });
}
