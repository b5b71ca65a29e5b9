/** An option that is a length of pixels, or one for each of the two sides. Its default and what the order is are its own. */
export const OPERANDS = {
  type: ['integer', 'array'],
  minimum: 1,
  items: { type: 'integer', minimum: 1 },
  minItems: 2,
  maxItems: 2,
} as const;
