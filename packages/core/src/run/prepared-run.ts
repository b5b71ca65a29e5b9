import { COMPOSITION, type Composition } from '../container/composition.js';
import { tokenOf } from '../container/plan.js';
import { ENGINE, FINGERPRINTS, INITIAL_FINGERPRINT, INITIAL_WEIGHTS, MODEL, VIEWS } from '../container/run-scope.js';
import { service, type Service } from '../container/scope.js';
import { token } from '../container/token.js';
import type { Engine } from '../engine/engine.js';
import { atLocation } from '../errors.js';
import type { LoadedCell, LoadedPipeline } from '../pipeline/load.js';
import type { InitialWeights } from '../train/initial-weights.js';
import type { Model } from '../train/model.js';
import type { Views } from '../train/views.js';
import { checkQuantization } from './check-quantization.js';
import { checkSize } from './check-size.js';
import { identifyRun, type RunIdentity } from './identity.js';
import { labelsMissing, monitorInvalid } from './run-errors.js';
import { isLeftOut, unlabelledSplit } from './unlabelled-split.js';

/** A cell of a pipeline's matrix, ready to run. */
export interface PreparedRun {
  readonly engine: Engine;
  readonly cell: LoadedCell;
  readonly identity: RunIdentity;
  /** Packages and files of the plugins. */
  readonly plugins: LoadedPipeline['registry']['packages'];
  readonly composition: Composition;
  readonly views: Views;
  readonly model: Model;
  /** How weights start, if the pipeline says so. */
  readonly initial: InitialWeights | undefined;
}

/** The steps of its training. */
export function stepsOf({ cell, composition }: Pick<PreparedRun, 'cell' | 'composition'>): number {
  const { epochs, batch } = cell.pipeline.train;
  return epochs * Math.floor(composition.dataset.train.size / batch);
}

/** Made without any plugin but the data. */
export const IDENTITY = token<RunIdentity>('identity');
export const DATASET = tokenOf<'data'>(['data']);
export const RUN = token<PreparedRun>('run');

/**
 * The services that assemble a cell and make all checks before the first step.
 * @param version the version of ssql
 */
export function preparedRunServices(loaded: LoadedPipeline, cell: LoadedCell, version: string): readonly Service[] {
  return [
    service(IDENTITY, [DATASET, INITIAL_FINGERPRINT, FINGERPRINTS], (dataset, initial, fingerprints) => {
      const data = [dataset.fingerprint, ...(initial === undefined ? [] : [initial])].join();
      return identifyRun(cell, loaded, data, version, fingerprints);
    }),
    service(
      RUN,
      [ENGINE, COMPOSITION, VIEWS, MODEL, INITIAL_WEIGHTS, IDENTITY],
      (engine, composition, views, model, initial, identity) => {
        checkPlugins(cell, composition, model);
        checkSize(model, cell);
        checkQuantization(engine, model, composition, cell);
        return { engine, cell, identity, plugins: loaded.registry.packages, composition, views, model, initial };
      },
    ),
  ];
}

/** Checks that only plugins can make, in combination with each other. */
function checkPlugins(cell: LoadedCell, composition: Composition, model: Model): void {
  const { location } = cell;
  const { optimizer, sampler, weights, activations, monitor } = composition;
  const sets = { weights: weights.bits, activations: activations.bits };
  atLocation(location(['quantization', 'sampler']), () => sampler.check?.(sets));
  atLocation(location(['optimizer']), () => optimizer.check?.(model.trained.map(({ name }) => name)));
  for (const [index, { name, stage }] of monitor.entries())
    if (stage.scope !== 'run') throw monitorInvalid(name, location(['monitor', 'stages', index]));
  checkStages(cell, composition);
}

/** Checks that stages get the images that they need. */
function checkStages(cell: LoadedCell, { evaluated, stages, monitor }: Composition): void {
  const { location } = cell;
  const placed = [
    ...stages.map((stage, index) => ({ ...stage, path: ['stages', index] })),
    ...monitor.map((stage, index) => ({ ...stage, path: ['monitor', 'stages', index] })),
  ];
  for (const { name, stage, path } of placed) {
    if (stage.scope !== 'run') continue;
    if (path[0] === 'stages' && isLeftOut(stage, evaluated, cell)) continue;
    const unlabelled = unlabelledSplit(stage, evaluated, cell);
    if (unlabelled !== undefined) throw labelsMissing(name, unlabelled, location(path));
    atLocation(location(path), () => stage.check?.(evaluated));
  }
}
