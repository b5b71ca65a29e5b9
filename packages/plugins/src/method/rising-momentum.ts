import type { SchedulePoint } from '@ssql/core';

/** 1 - (1 - base) (cos(pi k / K) + 1) / 2: rises from the base to 1 by the end of training. BYOL (arXiv 2006.07733), section 3.2. */
export function risingMomentum(base: number, { step, epochs, stepsPerEpoch }: SchedulePoint): number {
  return 1 - ((1 - base) * (Math.cos((Math.PI * step) / (epochs * stepsPerEpoch)) + 1)) / 2;
}
