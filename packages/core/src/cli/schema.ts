import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { isFileReference } from '../plugin/is-file-reference.js';
import { examples } from './examples.js';
import { printJson } from './json-option.js';
import { pluginOption } from './plugin-option.js';

/** `ssql schema [file]`: prints the JSON Schema of pipeline files for editors, with the options of all plugins. */
export function schemaCommand(): Command {
  const command = new Command('schema')
    .description('Print the JSON Schema (draft-07) of pipeline files, for editors.')
    .argument('[file]', 'a pipeline file whose plugins to include')
    .addOption(pluginOption())
    .action(async (file: string | undefined, { plugin }: { readonly plugin: readonly string[] }) => {
      const [{ discoverRegistry }, { editorSchema }, { namedPlugins }] = await Promise.all([
        import('../plugin/discover.js'),
        import('../schemas/editor-schema.js'),
        import('../pipeline/listed-plugins.js'),
      ]);
      const folder = file === undefined ? process.cwd() : dirname(resolve(file));
      const named = file === undefined ? [] : await namedPlugins(file);
      const references = [...plugin.map(from(process.cwd())), ...named.map(from(folder))];
      printJson(editorSchema(await discoverRegistry(references, folder)));
    });
  return examples(
    command,
    'ssql schema pipeline.yaml > pipeline.schema.json',
    'ssql schema --plugin ssql-plugin-apot > pipeline.schema.json',
  );
}

/** Makes the path of a file absolute; leaves the name of a package unchanged. */
function from(folder: string): (reference: string) => string {
  return (reference) => (isFileReference(reference) ? resolve(folder, reference) : reference);
}
