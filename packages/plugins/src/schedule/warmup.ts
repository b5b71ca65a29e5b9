import { optionConflict } from '../option-conflict.js';

/** The option of schedules that begin with a linear warm-up. */
export const WARMUP = {
  description: 'Number of epochs over which the learning rate rises linearly to the base learning rate.',
  type: 'integer',
  minimum: 0,
  default: 0,
} as const;

/** The epochs of a pipeline; undefined in tests of plugins, which have no pipeline. */
export function epochsOf(pipeline: { readonly [key: string]: unknown }): number | undefined {
  return (pipeline['train'] as { readonly epochs: number } | undefined)?.epochs;
}

/** @throws SsqlError OPTION_CONFLICT for a warm-up that does not end within training */
export function checkWarmup(warmup: number, pipeline: { readonly [key: string]: unknown }): void {
  const epochs = epochsOf(pipeline);
  if (epochs !== undefined && warmup > epochs)
    throw optionConflict(
      'warmup',
      `The warm-up takes ${warmup} epochs, but training has ${epochs}.`,
      'Shorten the warm-up, or train for more epochs.',
    );
}
