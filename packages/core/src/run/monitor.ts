import { distinctEvaluations } from '../artifact/distinct-evaluations.js';
import { isMonitorMetrics, readMetrics } from '../artifact/run-files.js';
import type { RunFolder } from '../artifact/run-folder.js';
import type { Evaluation } from '../kinds/run-record.js';
import type { Tensors } from '../engine/engine.js';
import { SsqlError, withLocation } from '../errors.js';
import { mixedPrecision } from '../evaluate/assign-bits.js';
import { evaluationFeatures } from '../evaluate/evaluation-features.js';
import { featureSteps, type FeatureSteps } from '../evaluate/feature-steps.js';
import type { PreparedRun } from './prepared-run.js';
import type { RunLogs } from './run-logs.js';
import type { RunOptions } from './run-options.js';
import type { StageContext } from '../kinds/stage.js';
import { stageSurroundings } from './stage-surroundings.js';
import type { TimedWithin } from './timed.js';
import { viewOutputs } from '../evaluate/network-outputs.js';

/** Runs the stages of a pipeline's monitor while it trains, on the weights as they are then. It changes nothing that is trained. */
export interface Monitor {
  /** Whether the stages are to run after a step: at the end of every so many epochs, and of the last. */
  isDue(step: number): boolean;
  /**
   * Runs the stages where they are due after a step and no earlier session has run them. What they found is written once all of them
   * are done: to metrics.ndjson, to the loggers and to progress.
   * @param state after the step, which is saved; stays the caller's
   * @throws SsqlError of a stage, with the place of its reference, or of a logger; the signal's reason
   */
  watch(step: number, state: Tensors): Promise<void>;
  dispose(): void;
}

/** Where the findings of a monitor go. */
export interface MonitorOutputs {
  readonly folder: RunFolder;
  readonly logs: RunLogs;
  /** The name of a phase, for progress. */
  readonly phase: (what: string) => string;
  readonly timed: TimedWithin;
}

/** Opens the monitor of a run. Its steps are compiled once for all epochs. */
export function openMonitor(
  prepared: PreparedRun,
  options: Pick<RunOptions, 'signal' | 'onProgress'>,
  { folder, logs, phase, timed }: MonitorOutputs,
): Monitor {
  const { cell, composition } = prepared;
  const { monitor, train } = cell.pipeline;
  const stepsPerEpoch = Math.floor(composition.dataset.train.size / train.batch);
  const total = stepsPerEpoch * train.epochs;
  const isDue = (step: number): boolean =>
    monitor !== undefined && step > 0 && (step === total || step % (stepsPerEpoch * monitor.every) === 0);
  const surroundings = stageSurroundings(prepared, options, (what) => phase(`monitor: ${what}`));
  const steps = featureSteps(prepared);
  return {
    isDue,
    async watch(step, state) {
      if (!isDue(step)) return;
      const before = (await readMetrics(folder.folder)).filter(isMonitorMetrics);
      if (before.some((one) => one.step === step)) return;
      let evaluations: readonly Evaluation[] = [];
      await timed('monitor', async () => {
        evaluations = await measure(prepared, { ...surroundings, runs: [], folder: folder.folder }, steps, state);
      });
      const metrics = { step, epochs: step / stepsPerEpoch, evaluations };
      folder.appendMetrics(metrics);
      await folder.flushMetrics();
      options.onProgress({ phase: phase('pretrain'), done: step, total, monitored: metrics });
      await logs.monitored(metrics);
    },
    dispose: () => steps.dispose(),
  };
}

/** What the stages find on a state. */
async function measure(
  prepared: PreparedRun,
  context: Omit<StageContext, 'features' | 'viewOutputs' | 'record'>,
  steps: FeatureSteps,
  state: Tensors,
): Promise<readonly Evaluation[]> {
  const { cell, composition } = prepared;
  const { calibration } = cell.pipeline.evaluation;
  const mixed = mixedPrecision(prepared, async () => undefined);
  const features = evaluationFeatures({ ...prepared, ...context, calibration, state, steps, mixed });
  const found: Evaluation[][] = composition.monitor.map(() => []);
  try {
    for (const [index, { stage }] of composition.monitor.entries()) {
      const running = stage.run({
        ...context,
        features: (precision) => features.at(precision),
        viewOutputs: (precision) => viewOutputs(prepared, state, precision),
        record: async (evaluations) => void found[index]!.push(...evaluations),
      });
      await running.catch((error: unknown) => {
        throw error instanceof SsqlError ? withLocation(error, cell.location(['monitor', 'stages', index]), HINT) : error;
      });
    }
    return distinctEvaluations(found);
  } finally {
    features.dispose();
  }
}

const HINT =
  'What was trained is saved. Mend the stage, or take it out of `monitor`: nothing depends on it. Then go on with --resume.';
