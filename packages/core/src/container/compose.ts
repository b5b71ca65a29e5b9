import type { Container } from 'inversify';
import { pluginBroken, SsqlError, withPlace, type Place } from '../errors.js';
import type { Tf } from '../engine/engine.js';
import type { Network } from '../nn/network.js';
import type { Path } from '../pipeline/locate.js';
import type { Pipeline, QuantizationSettings } from '../pipeline/pipeline.js';
import { isOpenKey } from '../pipeline/references.js';
import type { Kind, PluginKinds } from '../plugin/contract.js';
import type { Registry } from '../plugin/registry.js';
import { parsePrecision, type Precision } from '../quantization/precision.js';
import type { Observer, Quantizer } from '../quantization/quantizer.js';
import type { Sampler } from '../quantization/sampler.js';
import type { Augmentation } from '../train/augmentation.js';
import type { Dataset } from '../train/dataset.js';
import type { Logger } from '../train/logger.js';
import type { Method } from '../train/method.js';
import type { Optimizer, Schedule } from '../train/optimizer.js';
import type { Stage } from '../train/stage.js';
import type { Wrapper } from '../train/wrapper.js';
import { FOLDER, planRun, SEED, TF, tokenOf, type PlannedPlugin } from './plan.js';
import { guard } from './guard.js';
import { provide } from './token.js';

/** Everything that a run is made of. */
export interface Composition {
  readonly dataset: Dataset;
  readonly augmentations: readonly Augmentation[];
  readonly backbone: Network;
  readonly method: Method;
  readonly wrapper: Wrapper;
  readonly sampler: Sampler;
  readonly weights: Quantization;
  readonly activations: Quantization;
  /** Fixed precisions by a glob over layer names; a side left out is not pinned. */
  readonly pins: { readonly [pattern: string]: Partial<Precision> };
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  readonly stages: readonly { readonly name: string; readonly stage: Stage }[];
  /** With the package that each comes from. */
  readonly loggers: readonly { readonly name: string; readonly from: string; readonly logger: Logger }[];
}

export interface Quantization {
  readonly quantizer: Quantizer;
  readonly observer: Observer;
  readonly bits: readonly number[];
}

/** What plugins get from outside the pipeline. */
export interface Surroundings {
  readonly tf: Tf;
  /** The folder of the pipeline file. */
  readonly folder: string;
  /** Where a value of the pipeline is written, so that a plugin's error points there. */
  readonly place?: (path: Path) => Place;
}

/**
 * Makes all plugins of a pipeline, each after those that it `uses`.
 * @throws SsqlError of a plugin, with the place of its reference; PLUGIN_BROKEN where a plugin fails otherwise.
 */
export async function composeRun(
  pipeline: Pipeline,
  registry: Registry,
  surroundings: Surroundings,
): Promise<Composition> {
  // Loaded where it is needed: `ssql validate` answers at once.
  const inversify = await import('inversify');
  const container = new inversify.Container();
  container.bind(TF).toConstantValue(surroundings.tf);
  container.bind(FOLDER).toConstantValue(surroundings.folder);
  container.bind(SEED).toConstantValue(pipeline.seed);
  const { plugins } = planRun(pipeline, registry, surroundings.place);
  for (const planned of plugins) bindPlugin(container, planned, surroundings);

  const make = async <K extends Kind>(_kind: K, ...path: Path): Promise<PluginKinds[K]> => {
    try {
      return await container.getAsync(tokenOf<K>(path));
    } catch (error) {
      if (error instanceof SsqlError) throw error;
      // inversify's own: plugins that use each other.
      const reason = error instanceof Error ? error.message : String(error);
      throw pluginBroken(path.join('.'), reason, { place: surroundings.place?.(path), cause: error });
    }
  };
  const makeAll = async <K extends Kind>(kind: K, key: 'augment' | 'stages' | 'loggers'): Promise<PluginKinds[K][]> => {
    const made: PluginKinds[K][] = [];
    for (const index of pipeline[key].keys()) made.push(await make(kind, key, index));
    return made;
  };
  const makeSide = async (side: 'weights' | 'activations', { bits }: QuantizationSettings): Promise<Quantization> => ({
    quantizer: await make('quantizer', 'quantization', side, 'quantizer'),
    observer: await make('observer', 'quantization', side, 'observer'),
    bits,
  });
  // Those of kinds that core does not know, also where nothing uses them: what is written is made, or says why not.
  for (const { kind, path } of plugins) if (isOpenKey(kind)) await make(kind, ...path);
  return Object.freeze({
    dataset: await make('data', 'data'),
    augmentations: await makeAll('augmentation', 'augment'),
    backbone: await make('backbone', 'backbone'),
    method: await make('method', 'method'),
    wrapper: await make('wrapper', 'quantization', 'wrap'),
    sampler: await make('sampler', 'quantization', 'sampler'),
    weights: await makeSide('weights', pipeline.quantization.weights),
    activations: await makeSide('activations', pipeline.quantization.activations),
    pins: readPins(pipeline.quantization.pins),
    optimizer: await make('optimizer', 'optimizer'),
    schedule: await make('schedule', 'schedule'),
    stages: (await makeAll('stage', 'stages')).map((stage, index) => ({
      name: pipeline.stages[index]?.use ?? '',
      stage,
    })),
    loggers: (await makeAll('logger', 'loggers')).map((logger, index) => {
      const name = pipeline.loggers[index]?.use ?? '';
      return { name, from: registry.packageOf('logger', name)?.name ?? '', logger };
    }),
  });
}

function bindPlugin(
  container: Container,
  { kind, path, reference, plugin, from, uses, token, needs }: PlannedPlugin,
  { place }: Surroundings,
): void {
  provide(container, token, needs, async (tf: Tf, folder: string, seed: number, ...made: unknown[]) => {
    const used = Object.fromEntries(uses.map((one, index) => [one.kind, made[index]]));
    try {
      // The options were validated against the plugin's own schema; `used` holds what its `uses` names.
      const made = (await plugin.create(
        reference.with as never,
        { tf, folder, seed, used } as never,
      )) as PluginKinds[Kind];
      return guard(made, { kind, name: plugin.name, from: from.name, place: place?.(path) });
    } catch (cause) {
      if (cause instanceof SsqlError) throw withPlace(cause, place?.(path));
      const reason = `the ${kind} \`${plugin.name}\` failed: ${cause instanceof Error ? cause.message : String(cause)}`;
      throw pluginBroken(from.name, reason, { place: place?.(path), cause });
    }
  });
}

function readPins(pins: Pipeline['quantization']['pins']): Composition['pins'] {
  // A text is a precision by the pipeline's schema.
  const read = Object.entries(pins).map(([pattern, pin]) => [
    pattern,
    typeof pin === 'string' ? (parsePrecision(pin) ?? {}) : pin,
  ]);
  return Object.freeze(Object.fromEntries(read) as { [pattern: string]: Partial<Precision> });
}
