/** Options of stages that train a classifier by SGD. */
export const MOMENTUM = {
  type: 'number',
  minimum: 0,
  exclusiveMaximum: 1,
  default: 0.9,
  description: 'Momentum of SGD.',
} as const;

export const WEIGHT_DECAY = {
  type: 'number',
  minimum: 0,
  default: 0,
  description: 'L2 penalty on weights and biases.',
} as const;
