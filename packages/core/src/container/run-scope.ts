import { resolve } from 'node:path';
import { resolveRun } from '../artifact/find-runs.js';
import { RUN_FILES } from '../artifact/run-files.js';
import { composedOps } from '../engine/composed-ops.js';
import type { Engine } from '../engine/engine.js';
import type { NeuralOps } from '../engine/neural-ops.js';
import { SsqlError, withLocation, type Location } from '../errors.js';
import type { LoadedCell, LoadedPipeline } from '../pipeline/load.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import {
  hashInitialWeights,
  readInitialWeights,
  type InitialFile,
  type InitialWeights,
} from '../train/initial-weights.js';
import { assembleModel, type Model } from '../train/model.js';
import { batchTooLarge } from '../train/train-errors.js';
import { refuseOtherWeights } from '../train/view-weights.js';
import type { PreparedRecipe } from '../train/recipe.js';
import { prepareViews, type Views } from '../train/views.js';
import { viewSettings } from './view-settings.js';
import { COMPOSITION, compositionServices } from './composition.js';
import { planPlugins, tokenOf, type PlannedPlugin } from './plan.js';
import { FOLDER, fingerprintOf, OPS, pluginService, SEED, TF } from './plugin-service.js';
import { datasetToken, engineToken } from './process-scope.js';
import { constant, service, type Service } from './scope.js';
import { token } from './token.js';

export const ENGINE = token<Engine>('engine');
/** The augmentations, prepared for the images. */
export const VIEWS = token<Views<PreparedRecipe>>('views');
export const MODEL = token<Model>('model');
/** The hash of the file of initial weights, if the pipeline names one. */
export const INITIAL_FINGERPRINT = token<string | undefined>('initial fingerprint');
/** Fingerprints of what plugins read, by their places. */
export const FINGERPRINTS = token<ReadonlyMap<string, string>>('fingerprints');
/** How weights start, if the pipeline says so. */
export const INITIAL_WEIGHTS = token<InitialWeights | undefined>('initial weights');

/**
 * The services of one run, in a scope within that of `openProcess`: its plugins, by the table of kinds, and what core makes from them.
 * @param runs the folder of runs, in which `initial.run` is
 * @throws SsqlError as `planPlugins`
 */
export function runServices(
  { registry, folder }: LoadedPipeline,
  { pipeline, location }: LoadedCell,
  runs = 'runs',
): Service[] {
  const planned = planPlugins(pipeline, registry, location);
  // Plugins may be made without an engine, to describe them; what they make computes with that of the run.
  let opened: Engine | undefined;
  const ops = (): NeuralOps => opened?.ops ?? composed;
  const composed = composedOps();
  const initialFile = () => initialFileOf(pipeline, runs, location);
  const serviceOf = (plugin: PlannedPlugin): Service =>
    plugin.kind === 'data' && plugin.needs.length + plugin.holds.length === 0
      ? service(tokenOf<'data'>(plugin.path), [datasetToken(pipeline)], (dataset) => dataset)
      : pluginService(plugin, location);
  return [
    constant(SEED, pipeline.seed),
    service(ENGINE, [engineToken(pipeline)], (engine) => (opened = engine)),
    constant(OPS, {
      conv2d: (...operands) => ops().conv2d(...operands),
      depthwiseConv2d: (...operands) => ops().depthwiseConv2d(...operands),
      batchNorm: (...operands) => ops().batchNorm(...operands),
      relu: (x) => ops().relu(x),
      relu6: (x) => ops().relu6(x),
    }),
    ...planned.map(serviceOf),
    ...compositionServices({ pipeline, location }, planned),
    service(VIEWS, [TF, COMPOSITION], (tf, composition) =>
      prepareViews(tf, viewSettings(pipeline, composition, location), composition.dataset.shape),
    ),
    service(MODEL, [COMPOSITION, VIEWS], (composition, views) => {
      const { epochs, batch } = pipeline.train;
      const images = composition.dataset.train.size;
      if (batch > images) throw batchTooLarge(batch, images, location(['train', 'batch']));
      const model = assembleModel({ ...composition, trains: epochs > 0 }, [batch, ...views.shape], location);
      refuseOtherWeights(model.encoder, batch, views, location(['backbone']));
      return model;
    }),
    service(FINGERPRINTS, [FOLDER], async (folder) => {
      const fingerprints = new Map<string, string>();
      for (const plugin of planned) {
        const fingerprint = await fingerprintOf(plugin, folder, location(plugin.path));
        if (fingerprint !== undefined) fingerprints.set(plugin.path.join('.'), fingerprint);
      }
      return fingerprints;
    }),
    service(INITIAL_FINGERPRINT, [], async () => {
      const file = await initialFile();
      return file && hashInitialWeights(file, folder, file.location);
    }),
    service(INITIAL_WEIGHTS, [MODEL], async (model): Promise<InitialWeights | undefined> => {
      const file = await initialFile();
      const values = file && (await readInitialWeights(file, model, folder, file.location));
      return pipeline.initial && { values, convolutions: pipeline.initial.convolutions };
    }),
  ];
}

/** The file of initial weights, if the pipeline names one. */
async function initialFileOf(
  { initial }: Pipeline,
  runs: string,
  location: LoadedCell['location'],
): Promise<(InitialFile & { readonly location: Location }) | undefined> {
  if (initial?.weights !== undefined)
    return { ...initial, weights: initial.weights, location: location(['initial', 'weights']) };
  if (initial?.run === undefined) return undefined;
  const place = location(['initial', 'run']);
  const run = await resolveRun(initial.run, runs).catch((error: unknown) => {
    throw error instanceof SsqlError ? withLocation(error, place) : error;
  });
  return { ...initial, weights: resolve(run, RUN_FILES.weights), location: place };
}
