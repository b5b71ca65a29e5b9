import { SsqlError } from '@ssql/core';

/**
 * The training of a linear classifier diverged: its weights are not finite.
 * @remedy Lower `lr` of the stage; for `linear-probe`, or set `standardize: true`.
 */
export function probeDiverged(name: string, lr: number, standardizes: boolean): SsqlError {
  return new SsqlError('PROBE_DIVERGED', `${name}: the classifier's weights are not finite; expected finite weights.`, {
    hint: standardizes ? `Lower lr, which is ${lr}, or set standardize: true.` : `Lower lr, which is ${lr}.`,
  });
}
