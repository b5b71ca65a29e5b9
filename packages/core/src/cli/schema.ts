import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { isFileReference } from '../plugin/is-file-reference.js';
import { examples } from './examples.js';
import { printJson } from './json-option.js';
import { pluginOption } from './plugin-option.js';

/** `ssql schema [file]`: the JSON Schema of pipeline files, with the options of all plugins, for editors. */
export function schemaCommand(): Command {
  const command = new Command('schema')
    .description('Print the JSON Schema (draft-07) of pipeline files, for editors.')
    .argument('[file]', 'a pipeline file, whose plugins are included')
    .addOption(pluginOption())
    .action(async (file: string | undefined, { plugin }: { readonly plugin: readonly string[] }) => {
      const [{ discoverRegistry }, { editorSchema }, { namedPlugins }] = await Promise.all([
        import('../plugin/discover.js'),
        import('../schemas/editor-schema.js'),
        import('../pipeline/load.js'),
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

/** A file as its absolute path, a package as it is. */
function from(folder: string): (reference: string) => string {
  return (reference) => (isFileReference(reference) ? resolve(folder, reference) : reference);
}
