import type { Evaluation, LoggedRun, Logger, MonitorMetrics, StepMetrics } from '@ssql/core';

/** The metrics of a step, with one part of the loss. */
export function stepMetrics(step: number, loss = step / 2, part = 'float, clean'): StepMetrics {
  return {
    step,
    epoch: 0,
    loss,
    learningRate: 0.25,
    precision: 'w4a8',
    parts: { [part]: loss },
    featureStd: 0.5,
    imagesPerSecond: 64,
  };
}

/** Logs what a session measured, in order, then the evaluation, and closes the log. */
export async function logSession(
  logger: Logger,
  run: LoggedRun,
  measured: readonly (StepMetrics | MonitorMetrics)[],
  evaluation: Evaluation,
): Promise<void> {
  const log = await logger.open(run);
  try {
    for (const each of measured) {
      if ('evaluations' in each) await log.monitored?.(each);
      else await log.metrics(each);
    }
    await log.evaluations?.([evaluation]);
  } finally {
    await log.close();
  }
}
