import { Command } from 'commander';
import { unknownKind } from '../plugin/plugin-errors.js';
import { KINDS, type Kind } from '../kinds/kinds.js';
import { examples } from './examples.js';
import { jsonOption, printJson } from './json-option.js';
import { pluginOption } from './plugin-option.js';
import { outputColumns } from './output-columns.js';
import { rows } from './rows.js';

interface ListFlags {
  readonly plugin: readonly string[];
  readonly json?: boolean;
}

/** `ssql list [kind]`: lists the plugins that pipelines can use. */
export function listCommand(): Command {
  const command = new Command('list')
    .description('List the plugins that a pipeline can use.')
    .argument('[kind]', KINDS.map(({ kind }) => kind).join(', '))
    .addOption(pluginOption())
    .addOption(jsonOption('the list of plugins'))
    .action(async (kind: string | undefined, { plugin, json = false }: ListFlags) => {
      const { discoverRegistry } = await import('../plugin/discover.js');
      const registry = await discoverRegistry(plugin, process.cwd());
      const kinds = [...new Set(registry.list().map((each) => each.kind))];
      if (kind !== undefined && !kinds.includes(kind as Kind)) throw unknownKind(kind, kinds);
      const listed = registry
        .list(kind as Kind | undefined) // checked above
        .map(({ kind: ofKind, name, summary }) => ({ kind: ofKind, name, summary }));
      if (json) printJson(listed);
      else
        process.stdout.write(
          rows(
            listed.map((entry) => [entry.kind, entry.name, entry.summary]),
            outputColumns(),
          ),
        );
    });
  return examples(command, 'ssql list', 'ssql list quantizer --plugin ./my-quantizer.js');
}
