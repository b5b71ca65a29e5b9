export interface Schedule {
  /** Factor on the base learning rate. */
  factor(at: SchedulePoint): number;
}

/** Where a training is. `epoch` and `step` count from 0; `step` within the whole training. */
export interface SchedulePoint {
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly stepsPerEpoch: number;
}
