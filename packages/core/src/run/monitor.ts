import { distinctEvaluations } from '../artifact/distinct-evaluations.js';
import { isMonitorMetrics, readMetrics } from '../artifact/metrics-files.js';
import type { RunFolder } from '../artifact/run-folder.js';
import { evaluatedSplits } from '../container/chosen-splits.js';
import type { Tensors } from '../engine/engine.js';
import { evaluationFeatures } from '../evaluate/evaluation-features.js';
import { featureSteps, type FeatureSteps } from '../evaluate/feature-steps.js';
import type { Evaluation } from '../kinds/run-record.js';
import type { RunStage } from '../kinds/stage.js';
import type { TrainingMonitor } from '../train/pretrain.js';
import type { RunLogs } from './logs.js';
import { stepsOf, type PreparedRun } from './prepared-run.js';
import type { RunOptions } from './run-options.js';
import type { RunPlace } from './run-event.js';
import { atStage, measureWith, mixedPrecisionOf, progressOf, runStageContext } from './stage-context.js';
import type { TimedWithin } from './timed.js';

/**
 * Runs the stages of a pipeline's monitor during training: every `monitor.every` epochs and after the last; without epochs, on the
 * initial weights. If an earlier session ran them
 * at a step, they are not run again, but their results are logged again. When all stages are done, their results are written to metrics.ndjson, to the loggers and to
 * progress.
 */
export interface Monitor extends TrainingMonitor {
  dispose(): void;
}

/** Where the results of a monitor go. */
export interface MonitorOutputs {
  readonly folder: RunFolder;
  readonly logs: RunLogs;
  readonly place: RunPlace;
  readonly timed: TimedWithin;
}

/** Opens the monitor of a run. Its steps are compiled once for all epochs. */
export function openMonitor(
  run: PreparedRun,
  options: Pick<RunOptions, 'signal' | 'onEvent'>,
  { folder, logs, place, timed }: MonitorOutputs,
): Monitor {
  const { monitor, train } = run.cell.pipeline;
  const stepsPerEpoch = Math.floor(run.composition.dataset.train.size / train.batch);
  const total = stepsOf(run);
  const isDue = (step: number): boolean =>
    monitor !== undefined && (step === total || (step > 0 && step % (stepsPerEpoch * monitor.every) === 0));
  const steps = featureSteps(run);
  return {
    isDue,
    async watch(step, state) {
      if (!isDue(step)) return;
      const before = (await readMetrics(folder.folder)).filter(isMonitorMetrics);
      const measured = before.find((metrics) => metrics.step === step);
      // The session that measured it may have ended before its loggers wrote it.
      if (measured !== undefined) return logs.monitored(measured);
      let evaluations: readonly Evaluation[] = [];
      await timed('monitor', async () => {
        evaluations = await measure(run, options, place, steps, state, folder.folder);
      });
      const metrics = { step, epochs: step / stepsPerEpoch, evaluations };
      folder.appendMetrics(metrics);
      await folder.flushMetrics();
      options.onEvent({ type: 'monitored', run: place, metrics });
      await logs.monitored(metrics);
    },
    dispose: () => steps.dispose(),
  };
}

/** The stages' results for a state, which the caller owns. */
async function measure(
  run: PreparedRun,
  options: Pick<RunOptions, 'signal' | 'onEvent'>,
  place: RunPlace,
  steps: FeatureSteps,
  state: Tensors,
  folder: string,
): Promise<readonly Evaluation[]> {
  const { cell, composition } = run;
  const progress = progressOf(options, { run: place, phase: 'monitor' });
  const features = evaluationFeatures({
    ...run,
    dataset: composition.evaluated,
    seed: cell.pipeline.seed,
    calibration: cell.pipeline.evaluation.calibration,
    calibrations: composition.calibrations,
    splits: evaluatedSplits(cell.pipeline),
    state,
    steps,
    mixed: mixedPrecisionOf(run, async () => undefined),
    progress,
  });
  const recorded: Evaluation[][] = composition.monitor.map(() => []);
  try {
    for (const [index, { stage }] of composition.monitor.entries()) {
      const record = async (evaluations: readonly Evaluation[]): Promise<void> =>
        void recorded[index]!.push(...evaluations);
      const measured = { state: async () => state, features: async () => features, folder, record };
      const context = runStageContext(run, measured, progress, options.signal);
      // `preparedRun` rejected stages of the whole pipeline.
      await atStage(cell.location(['monitor', 'stages', index]), 'monitor', () =>
        measureWith(stage as RunStage, context),
      );
    }
    return distinctEvaluations(recorded);
  } finally {
    features.dispose();
  }
}
