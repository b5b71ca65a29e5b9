import type { Optimizer } from '../kinds/optimizer.js';

/** A tensor that an optimizer keeps for each parameter. */
export interface ParameterSlot {
  readonly name: string;
  shape(parameter: readonly number[]): readonly number[];
  readonly initial: number;
}

/** The slots of an optimizer with their defaults, in order. */
export function slotsOf({ slots }: Pick<Optimizer, 'slots'>): readonly ParameterSlot[] {
  return slots.map((slot) => {
    if (typeof slot === 'string') return { name: slot, shape: (parameter) => parameter, initial: 0 };
    const { name, initial = 0 } = slot;
    return { name, shape: (parameter) => slot.shape?.(parameter) ?? parameter, initial };
  });
}

/** The name of an optimizer's tensor in a step's state, which holds parameters and running statistics under their own names. */
export function slotName(slot: string, parameter: string): string {
  return `optimizer.${slot}.${parameter}`;
}
