import { Command, Option } from 'commander';
import { unknownPlugin } from '../plugin/plugin-errors.js';
import type { AnyPlugin } from '../plugin/contract.js';
import { defaultOf, typeOf } from '../schemas/option-words.js';
import { examples } from './examples.js';
import { jsonOption, printJson } from './json-option.js';
import { pluginOption } from './plugin-option.js';
import { outputColumns } from './output-columns.js';
import { optionRows } from './option-rows.js';
import { rows } from './rows.js';

interface ShowFlags {
  readonly plugin: readonly string[];
  readonly json?: boolean;
  readonly markdown?: boolean;
}

/** `ssql show <plugin>`: prints the summary, paper and options of a plugin. */
export function showCommand(): Command {
  const command = new Command('show')
    .description('Show a plugin: its options, their defaults, its paper.')
    .argument('<plugin>', 'its name, or kind/name if several kinds have a plugin of that name')
    .addOption(pluginOption())
    .addOption(jsonOption('the list of matching plugins'))
    .addOption(new Option('--markdown', 'print its reference page').conflicts('json'))
    .action(async (wanted: string, { plugin, json = false, markdown = false }: ShowFlags) => {
      const { discoverRegistry } = await import('../plugin/discover.js');
      const registry = await discoverRegistry(plugin, process.cwd());
      const all = registry.list();
      const [name = '', kind] = wanted.split('/').toReversed();
      const matches = all.filter((each) => each.name === name && (kind === undefined || each.kind === kind));
      if (matches.length === 0)
        throw unknownPlugin(
          kind ?? 'plugin',
          name,
          all.map((each) => each.name),
          undefined,
        );
      if (json) {
        return printJson(
          matches.map(({ create: _create, ...rest }) => {
            const from = registry.packageOf(rest.kind, rest.name);
            return { ...rest, package: from?.name, version: from?.version };
          }),
        );
      }
      const { pluginPage } = await import('../schemas/plugin-page.js');
      process.stdout.write(
        matches.map(markdown ? pluginPage : (match) => describePlugin(match, outputColumns())).join('\n'),
      );
    });
  return examples(command, 'ssql show quantizer/uniform', 'ssql show mine --plugin ./mine.js --markdown');
}

/** A plugin in a terminal. */
export function describePlugin({ kind, name, summary, paper, options }: AnyPlugin, columns: number): string {
  const required = options.required ?? [];
  const lines = Object.entries(options.properties).map(([option, schema]) => {
    const fallback = defaultOf(schema);
    return [
      `  ${option}`,
      typeOf(schema),
      required.includes(option) ? 'required' : fallback === '' ? '' : `= ${fallback}`,
      schema.description,
    ];
  });
  return [
    `${kind} ${name}\n${rows([[summary]], columns)}`,
    paper === undefined ? '' : rows([[paper]], columns),
    lines.length === 0 ? '\nNo options.\n' : `\n${optionRows(lines, columns)}`,
  ].join('');
}
