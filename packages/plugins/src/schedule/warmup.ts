/** The option of schedules that begin with a linear warm-up. */
export const WARMUP = {
  description: 'Number of epochs over which the learning rate rises linearly to the base learning rate.',
  type: 'integer',
  minimum: 0,
  default: 0,
} as const;
