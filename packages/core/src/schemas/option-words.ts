import type { NestedOptions, OptionSchema, ValueSchema } from '../plugin/options.js';

/** The type of an option as text: `number > 0`, `"tensor" | "channel"`. */
export function typeOf(schema: ValueSchema): string {
  if ('enum' in schema) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if ('plugin' in schema) return `plugin of kind ${schema.plugin}`;
  switch (schema.type) {
    case 'array':
      return `list of ${typeOf(schema.items)}`;
    case 'object':
      return 'properties' in schema ? objectType(schema) : `mapping to ${typeOf(schema.additionalProperties)}`;
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
    default:
      return `${typeOf({ ...schema, type: schema.type[0] })} | ${typeOf({ ...schema, type: 'array' })}`;
  }
}

/** `{ low: number, high?: number }`. */
function objectType({ properties, required = [] }: NestedOptions): string {
  const members = Object.entries(properties).map(
    ([name, schema]) => `${name}${required.includes(name) ? '' : '?'}: ${typeOf(schema)}`,
  );
  return `{ ${members.join(', ')} }`;
}

/** A default as JSON; empty without a default. */
export function defaultOf({ default: value }: OptionSchema): string {
  return value === undefined ? '' : JSON.stringify(value);
}
