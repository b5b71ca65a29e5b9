import { Command } from 'commander';
import { examples } from './examples.js';
import { printJson } from './json-option.js';
import { pluginOption } from './plugin-option.js';

/** `ssql schema`: the JSON Schema of pipeline files, with the options of all plugins, for editors. */
export function schemaCommand(): Command {
  const command = new Command('schema')
    .description('Print the JSON Schema (draft-07) of pipeline files, for editors.')
    .addOption(pluginOption())
    .action(async ({ plugin }: { readonly plugin: readonly string[] }) => {
      const [{ discoverRegistry }, { pipelineSchema }] = await Promise.all([
        import('../plugin/discover.js'),
        import('../schemas/pipeline-schema.js'),
      ]);
      printJson(pipelineSchema(await discoverRegistry(plugin, process.cwd())));
    });
  return examples(command, 'ssql schema --plugin ssql-plugin-apot > pipeline.schema.json');
}
