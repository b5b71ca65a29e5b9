import { Command } from 'commander';
import { unknownKind } from '../plugin/plugin-errors.js';
import { KINDS, type Kind } from '../kinds/kinds.js';
import { groupBy } from '../report/group-by.js';
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
      else process.stdout.write(formatPlugins(listed, outputColumns()));
    });
  return examples(command, 'ssql list', 'ssql list quantizer --plugin ./my-quantizer.js');
}

interface Listed {
  readonly kind: string;
  readonly name: string;
  readonly summary: string;
}

/** The plugins under their kinds, in aligned columns. */
export function formatPlugins(plugins: readonly Listed[], columns: number): string {
  const width = Math.max(...plugins.map(({ name }) => name.length));
  const kinds = [...groupBy(plugins, ({ kind }) => kind)];
  return kinds
    .map(([kind, members]) => {
      const lines = members.map(({ name, summary }) => [`  ${name.padEnd(width)}`, summary]);
      return `${kind}\n${rows(lines, columns)}`;
    })
    .join('\n');
}
