import { composeRun, type Composition } from '../container/compose.js';
import type { Engine } from '../engine/engine.js';
import { atLocation } from '../errors.js';
import { batchTooLarge, monitorInvalid } from '../train/train-errors.js';
import type { LoadedCell, LoadedPipeline } from '../pipeline/load.js';
import { readInitialWeights, type InitialWeights } from '../train/initial-weights.js';
import { assembleModel, type Model } from '../train/model.js';
import { identifyRun, type RunIdentity } from './run-identity.js';
import { prepareViews, type Views } from '../train/views.js';

/** A cell of a pipeline's matrix, ready to run. */
export interface PreparedRun {
  readonly engine: Engine;
  readonly cell: LoadedCell;
  readonly identity: RunIdentity;
  /** Packages and files that plugins come from. */
  readonly plugins: LoadedPipeline['registry']['packages'];
  readonly composition: Composition;
  readonly views: Views;
  readonly model: Model;
  /** What training begins with, where the pipeline names a file. */
  readonly initial: InitialWeights | undefined;
}

/**
 * Makes everything that a cell needs, and checks all that can be known before the first step.
 * @param version of ssql
 */
export async function prepareRun(
  engine: Engine,
  loaded: LoadedPipeline,
  cell: LoadedCell,
  version: string,
): Promise<PreparedRun> {
  const { pipeline } = cell;
  const location = cell.location;
  const composition = await composeRun(pipeline, loaded.registry, { tf: engine.tf, folder: loaded.folder, location });
  const { dataset, augmentations, optimizer, sampler, weights, activations } = composition;
  const { batch } = pipeline.train;
  if (batch > dataset.train.size) throw batchTooLarge(batch, dataset.train.size, location(['train', 'batch']));
  const views = prepareViews(engine.tf, augmentations, dataset.shape, (index) => location(['augment', index]));
  const model = assembleModel(composition, [batch, ...views.shape], location);
  const sets = { weights: weights.bits, activations: activations.bits };
  atLocation(location(['quantization', 'sampler']), () => sampler.check?.(sets));
  atLocation(location(['optimizer']), () => optimizer.check?.(model.trained.map(({ name }) => name)));
  for (const [index, { name, stage }] of composition.monitor.entries())
    if (stage.scope !== 'run') throw monitorInvalid(name, location(['monitor', 'stages', index]));
  const initial =
    pipeline.initial &&
    (await readInitialWeights(pipeline.initial, model, loaded.folder, location(['initial', 'weights'])));
  const data = [dataset.fingerprint, ...(initial ? [initial.fingerprint] : [])].join();
  const identity = identifyRun(cell, loaded, data, version);
  return { engine, cell, identity, plugins: loaded.registry.packages, composition, views, model, initial };
}
