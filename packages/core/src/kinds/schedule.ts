export interface Schedule {
  /** Factor on the base learning rate. */
  factor(at: SchedulePoint): number;
}

/** A point in training. `epoch` and `step` count from 0, `step` over all epochs. */
export interface SchedulePoint {
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly stepsPerEpoch: number;
}
