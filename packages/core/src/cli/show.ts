import { Command } from 'commander';
import { unknownPlugin } from '../errors.js';
import type { AnyPlugin } from '../plugin/contract.js';
import { discoverRegistry } from '../plugin/discover.js';
import type { OptionSchema, ValueSchema } from '../plugin/options.js';
import { pluginOption } from './plugin-option.js';
import { rows } from './rows.js';

/** `ssql show <plugin>`: what a plugin does, its options with their defaults, and where it comes from. */
export function showCommand(): Command {
  return new Command('show')
    .description('Show a plugin: its options, their defaults, its paper.')
    .argument('<plugin>', 'its name, or kind/name where two kinds share a name')
    .addOption(pluginOption())
    .addHelpText('after', '\nExamples:\n  ssql show simsiam\n  ssql show quantizer/uniform')
    .action(async (wanted: string, { plugin }: { readonly plugin: readonly string[] }) => {
      const all = (await discoverRegistry(plugin, process.cwd())).list();
      const [name = '', kind] = wanted.split('/').toReversed();
      const found = all.filter((one) => one.name === name && (kind === undefined || one.kind === kind));
      if (found.length === 0)
        throw unknownPlugin(
          kind ?? 'plugin',
          name,
          all.map((one) => one.name),
          undefined,
        );
      process.stdout.write(found.map(describePlugin).join('\n'));
    });
}

function describePlugin({ kind, name, summary, paper, options }: AnyPlugin): string {
  const required = options.required ?? [];
  const lines = Object.entries(options.properties).map(([option, schema]) => [
    `  ${option}`,
    typeOf(schema),
    required.includes(option) ? 'required' : defaultOf(schema),
    schema.description,
  ]);
  return [
    `${kind} ${name}\n${summary}\n`,
    paper === undefined ? '' : `${paper}\n`,
    lines.length === 0 ? '\nNo options.\n' : `\n${rows(lines)}`,
  ].join('');
}

function defaultOf({ default: value }: OptionSchema): string {
  return value === undefined ? '' : `= ${JSON.stringify(value)}`;
}

/** An option's type in words: `number > 0`, `"tensor" | "channel"`. */
function typeOf(schema: ValueSchema): string {
  if ('enum' in schema) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  switch (schema.type) {
    case 'array':
      return `list of ${typeOf(schema.items)}`;
    case 'object':
      return `mapping to ${typeOf(schema.additionalProperties)}`;
    case 'number':
    case 'integer': {
      const bounds = [
        schema.minimum === undefined ? '' : ` >= ${schema.minimum}`,
        schema.exclusiveMinimum === undefined ? '' : ` > ${schema.exclusiveMinimum}`,
        schema.maximum === undefined ? '' : ` <= ${schema.maximum}`,
        schema.exclusiveMaximum === undefined ? '' : ` < ${schema.exclusiveMaximum}`,
      ];
      return schema.type + bounds.join('');
    }
    case 'boolean':
    case 'string':
      return schema.type;
  }
}
