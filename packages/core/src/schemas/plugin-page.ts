import { stringify } from 'yaml';
import { PLACES } from '../kinds/kinds.js';
import type { AnyPlugin } from '../plugin/contract.js';
import type { NestedOptions, OptionSchema, ValueSchema } from '../plugin/options.js';
import { EVALUATION_PRECISION_PATTERN } from '../quantization/evaluation-precision.js';
import { PRECISION_PATTERN } from '../quantization/precision.js';
import { defaultOf, typeOf } from './option-words.js';

/** The reference page of a plugin in Markdown: summary, paper, options, and an example pipeline. */
export function pluginPage(plugin: AnyPlugin): string {
  const { kind, name, summary, paper, needs = [] } = plugin;
  const parts = [
    `# ${kind} \`${name}\``,
    escape(summary),
    ...(paper === undefined ? [] : [`Paper: ${escape(paper)}`]),
    ...(needs.length === 0 ? [] : [`It needs the pipeline's ${needs.join(', ')}.`]),
    '## Options',
    optionTable(plugin),
    '## In a pipeline',
    `\`\`\`yaml\n${stringify(pluginExample(plugin), { flowCollectionPadding: true }).trimEnd()}\n\`\`\``,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** A partial pipeline that uses a plugin, with each option that is required or has a default. */
export function pluginExample({ kind, name, options, serves }: AnyPlugin): unknown {
  const written = sampleOf(options);
  const reference = { use: name, ...(Object.keys(written).length > 0 && { with: written }) };
  const path = PLACES.find((place) => place.kind === kind)?.path ?? kind;
  const [last, ...outer] = path.split('.').reverse();
  // A quantizer that serves few widths cannot have the default ones.
  const widths = serves?.bits && { bits: [serves.bits.min] };
  const innermost = last === '*' ? [reference] : { [last!]: reference, ...widths };
  return outer.reduce<unknown>((value, segment) => ({ [segment]: value }), innermost);
}

/** Each option that is required or has a default. */
function sampleOf({ required = [], properties }: NestedOptions): object {
  const written = Object.entries(properties)
    .filter(([option, schema]) => required.includes(option) || schema.default !== undefined)
    .map(([option, schema]) => [option, sample(schema)]);
  return Object.fromEntries(written) as object;
}

function optionTable({ options }: AnyPlugin): string {
  const required = options.required ?? [];
  const rows = Object.entries(options.properties).map(([name, schema]) => {
    const fallback = defaultOf(schema);
    const written = fallback === '' ? (required.includes(name) ? 'required' : '') : `\`${escape(fallback)}\``;
    return [`\`${name}\``, escape(typeOf(schema)), written, escape(schema.description)];
  });
  if (rows.length === 0) return 'None.';
  return [['option', 'type', 'default', 'what it does'], ['---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** The default, or the smallest value that the schema allows. */
function sample(schema: ValueSchema & Pick<Partial<OptionSchema>, 'default'>): unknown {
  if (schema.default !== undefined) return schema.default;
  if ('enum' in schema) return schema.enum[0];
  if ('plugin' in schema) return schema.examples?.[0] ?? '...';
  switch (schema.type) {
    case 'boolean':
      return true;
    case 'string':
      return [PRECISION_PATTERN, EVALUATION_PRECISION_PATTERN].includes(schema.pattern ?? '') ? 'w4a8' : '...';
    case 'integer':
    case 'number':
      return schema.minimum ?? (schema.exclusiveMinimum === undefined ? 1 : schema.exclusiveMinimum + 1);
    case 'array':
      return Array.from({ length: Math.max(1, schema.minItems ?? 1) }, () => sample(schema.items));
    case 'object':
      return 'properties' in schema ? sampleOf(schema) : {};
    default:
      return sample({ ...schema, type: schema.type[0] });
  }
}

/** Escapes bars, which would end the cell of a table. */
function escape(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
