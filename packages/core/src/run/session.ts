import { readCheckpoint } from '../artifact/checkpoint-files.js';
import { pluginFile } from '../artifact/plugin-file.js';
import { readProgress } from '../artifact/run-files.js';
import { openRunFolder, type RunFolder } from '../artifact/run-folder.js';
import { evaluatedSplits } from '../container/chosen-splits.js';
import { service, type Service } from '../container/scope.js';
import { token } from '../container/token.js';
import type { Tensors } from '../engine/engine.js';
import { SsqlError } from '../errors.js';
import { evaluationFeatures, type EvaluationFeatures } from '../evaluate/evaluation-features.js';
import { initialState } from '../train/training-state.js';
import { trainedState } from '../train/trained-state.js';
import { openLogs, type RunLogs } from './logs.js';
import { RUN, stepsOf } from './prepared-run.js';
import { noteTo, type RunPlace } from './run-event.js';
import type { RunOptions } from './run-options.js';
import { mixedPrecisionOf, progressOf } from './stage-context.js';

export const RUN_FOLDER = token<RunFolder>('run folder');
export const LOGS = token<RunLogs>('logs');
/** The trained state, read from the weights; without epochs, the initial state. */
export const TRAINED_STATE = token<Tensors>('trained state');
/** The features of the trained backbone. */
export const FEATURES = token<EvaluationFeatures>('features');

/**
 * The services of one session on a run, within the scope of the run. Logs are opened and trained weights read only if a phase needs
 * them.
 * @param path the run's folder
 */
export function sessionServices(
  path: string,
  options: Pick<RunOptions, 'resume' | 'signal' | 'onEvent'>,
  place: RunPlace,
): readonly Service[] {
  return [
    service(RUN_FOLDER, [], () =>
      openRunFolder(path, { resume: options.resume, fresh: false }, noteTo(options.onEvent)),
    ),
    service(
      LOGS,
      [RUN],
      async (run) => {
        const { cell, identity, composition } = run;
        const name = `${cell.pipeline.name}/${identity.id}`;
        const file = (wanted: string): string => pluginFile(path, wanted);
        const trained = (await readProgress(path)).phases['pretrain'] !== undefined;
        // The log of a trained run is complete, whatever became of its checkpoints.
        const step = trained ? stepsOf(run) : ((await readCheckpoint(path))?.step ?? 0);
        const logged = { file, name, step, steps: stepsOf(run), now: Date.now };
        return openLogs(composition.loggers, logged, (index) => cell.location(['loggers', index]));
      },
      (logs) => logs.close(),
    ),
    service(
      TRAINED_STATE,
      [RUN, RUN_FOLDER],
      async (run, folder) => {
        const { engine, model, composition, cell, initial } = run;
        const { seed, train } = cell.pipeline;
        if (train.epochs === 0) return initialState(engine, model, composition.optimizer, seed, initial);
        const checkpoint = model.momentum && (await readCheckpoint(path).catch(ignoreDamage));
        const momentum = checkpoint?.step === stepsOf(run) ? checkpoint.tensors : [];
        return trainedState(engine, model, await folder.loadWeights(), momentum);
      },
      disposeAll,
    ),
    service(
      FEATURES,
      [RUN, RUN_FOLDER, TRAINED_STATE],
      (run, folder, state) =>
        evaluationFeatures({
          ...run,
          state,
          dataset: run.composition.evaluated,
          seed: run.cell.pipeline.seed,
          calibration: run.cell.pipeline.evaluation.calibration,
          calibrations: run.composition.calibrations,
          splits: evaluatedSplits(run.cell.pipeline),
          mixed: mixedPrecisionOf(run, (precision, assignment) => folder.recordAssignment(precision, assignment)),
          progress: progressOf(options, { run: place, phase: 'features' }),
        }),
      (features) => features.dispose(),
    ),
  ];
}

/** Only a stage that reads the momentum encoder needs the checkpoint, and says so. */
function ignoreDamage(error: unknown): undefined {
  if (!(error instanceof SsqlError && error.code === 'CHECKPOINT_CORRUPT')) throw error;
}

function disposeAll(tensors: Tensors): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}
