import type { OptionSchema, ValueSchema } from '../plugin/options.js';

/** The type of an option as text: `number > 0`, `"tensor" | "channel"`. */
export function typeOf(schema: ValueSchema): string {
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
    default:
      return `${typeOf({ ...schema, type: schema.type[0] })} | ${typeOf({ ...schema, type: 'array' })}`;
  }
}

/** A default as JSON; empty without a default. */
export function defaultOf({ default: value }: OptionSchema): string {
  return value === undefined ? '' : JSON.stringify(value);
}
