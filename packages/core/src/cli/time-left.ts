import type { RunEvent, RunsPlanned } from '../run/run-event.js';

/** Follows the events of a pipeline and estimates times. All are undefined until there is something to estimate from. */
export interface TimeLeft {
  take(event: RunEvent): void;
  /** Images per second, smoothed over some seconds. */
  imagesPerSecond(): number | undefined;
  /** Seconds until the training of the current run ends. */
  ofTraining(): number | undefined;
  /** Seconds until all runs end; `atLeast` while no run has shown how long its stages take. */
  ofAll(): { readonly seconds: number; readonly atLeast: boolean } | undefined;
}

interface Training {
  readonly done: number;
  readonly total: number;
  /** When the first step of this session was done, which also compiles, and its number. */
  readonly from?: { readonly time: number; readonly done: number };
  readonly time: number;
}

const SMOOTHING_SECONDS = 3;

/** @param now milliseconds */
export function createTimeLeft(now: () => number): TimeLeft {
  let plan: RunsPlanned['runs'] = [];
  let current = 0;
  let training: Training | undefined;
  let earlier = { seconds: 0, steps: 0 };
  let secondsPerImage: number | undefined;
  /** When the stages of the current run began. */
  let stagesBegan: number | undefined;
  const stageSeconds: number[] = [];

  const trained = (): { readonly seconds: number; readonly steps: number } => {
    const { from, time, done } = training ?? {};
    if (from === undefined || time === undefined || done === undefined) return { seconds: 0, steps: 0 };
    return { seconds: time - from.time, steps: done - from.done };
  };
  const begin = (number: number): void => {
    if (number === current) return;
    const { seconds, steps } = trained();
    earlier = { seconds: earlier.seconds + seconds, steps: earlier.steps + steps };
    [current, training, secondsPerImage, stagesBegan] = [number, undefined, undefined, undefined];
  };
  const ofTraining = (): number | undefined => {
    const { seconds, steps } = trained();
    return training === undefined || steps === 0 ? undefined : (seconds / steps) * (training.total - training.done);
  };

  return {
    take(event) {
      const time = now() / 1000;
      if (event.type === 'planned') plan = event.runs;
      if (event.type === 'step') {
        begin(event.run.number);
        const { done, total, metrics } = event;
        if (metrics !== undefined) {
          const latest = 1 / metrics.imagesPerSecond;
          // The first step compiles, so its speed is replaced by that of the second one.
          const before = trained().steps === 0 ? latest : (secondsPerImage ?? latest);
          const weight = 1 - Math.exp(((training?.time ?? time) - time) / SMOOTHING_SECONDS);
          secondsPerImage = before + weight * (latest - before);
        }
        const from = training?.from ?? (metrics === undefined ? undefined : { time, done });
        training = { done, total, time, ...(from && { from }) };
        if (done === total) stagesBegan = time;
      }
      if (event.type === 'progress' && event.run !== undefined && event.phase !== 'monitor') {
        begin(event.run.number);
        stagesBegan ??= time;
      }
      if (event.type === 'finished' && event.seconds !== undefined && stagesBegan !== undefined)
        stageSeconds.push(time - stagesBegan);
    },
    imagesPerSecond: () => (secondsPerImage === undefined ? undefined : 1 / secondsPerImage),
    ofTraining,
    ofAll() {
      const pool = trained();
      const perStep = (earlier.seconds + pool.seconds) / (earlier.steps + pool.steps);
      const stages =
        stageSeconds.length === 0 ? 0 : stageSeconds.reduce((sum, each) => sum + each, 0) / stageSeconds.length;
      const later = plan.filter(({ run, pending }) => pending && run.number > current);
      const stepsLeft = training === undefined ? 0 : training.total - training.done;
      const inStages = stagesBegan === undefined ? 0 : now() / 1000 - stagesBegan;
      const seconds = later.reduce(
        (sum, { steps }) => sum + (steps.total > steps.done ? (steps.total - steps.done) * perStep : 0) + stages,
        (ofTraining() ?? stepsLeft * perStep) + Math.max(0, stages - inStages),
      );
      return Number.isFinite(seconds) && seconds > 0 ? { seconds, atLeast: stageSeconds.length === 0 } : undefined;
    },
  };
}
