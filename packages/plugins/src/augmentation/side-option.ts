/** Schema of a length in pixels, or of one length for each of two sides. Each option defines its default and the order. */
export const OPERANDS = {
  type: ['integer', 'array'],
  minimum: 1,
  items: { type: 'integer', minimum: 1 },
  minItems: 2,
  maxItems: 2,
} as const;
