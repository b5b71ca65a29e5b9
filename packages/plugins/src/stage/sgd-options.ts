import { optionConflict } from '../option-conflict.js';

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

/**
 * Checks the epochs at which a learning rate falls.
 * @throws SsqlError OPTION_CONFLICT for one that training does not reach
 */
export function checkMilestones(milestones: readonly number[], epochs: number): void {
  const late = milestones.find((milestone) => milestone >= epochs);
  if (late === undefined) return;
  throw optionConflict(
    'milestones',
    `The learning rate falls at epoch ${late}, but the classifier is trained for ${epochs} epochs, counted from 0.`,
    'Remove the milestone, or train for more epochs.',
  );
}
