import type { Container } from 'inversify';
import { SsqlError, withLocation, type Location } from '../errors.js';
import { pluginBroken } from '../plugin/plugin-errors.js';
import type { Tf } from '../engine/engine.js';
import type { Network } from '../nn/network.js';
import type { Path } from '../pipeline/locate.js';
import type { Pipeline, Reference } from '../pipeline/pipeline.js';
import { isOpenKey, slots } from '../pipeline/references.js';
import type { Kind, PluginKinds } from '../plugin/contract.js';
import type { Registry } from '../plugin/registry.js';
import { parsePrecision, type Precision } from '../quantization/precision.js';
import type { Assigner } from '../kinds/assigner.js';
import type { Quantizer } from '../kinds/quantizer.js';
import type { Observer } from '../kinds/observer.js';
import type { Sampler } from '../kinds/sampler.js';
import type { Augmentation } from '../kinds/augmentation.js';
import type { Dataset } from '../kinds/data.js';
import type { Logger } from '../kinds/logger.js';
import type { Method } from '../kinds/method.js';
import type { Optimizer } from '../kinds/optimizer.js';
import type { Schedule } from '../kinds/schedule.js';
import type { Stage } from '../kinds/stage.js';
import type { Wrapper } from '../kinds/wrapper.js';
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
  /** Chooses the bits of mixed precisions. */
  readonly assigner: Assigner;
  readonly stages: readonly ComposedStage[];
  /** The stages of the monitor. */
  readonly monitor: readonly ComposedStage[];
  /** With the package that each comes from. */
  readonly loggers: readonly { readonly name: string; readonly from: string; readonly logger: Logger }[];
}

export interface ComposedStage {
  readonly name: string;
  readonly stage: Stage;
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
  readonly location?: (path: Path) => Location;
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
  const make = await createMaker(pipeline, registry, surroundings);
  const makeAll = async <K extends Kind>(
    kind: K,
    references: readonly Reference[],
    ...path: Path
  ): Promise<PluginKinds[K][]> => {
    const made: PluginKinds[K][] = [];
    for (const index of references.keys()) made.push(await make(kind, ...path, index));
    return made;
  };
  const makeStages = async (references: readonly Reference[], ...path: Path): Promise<ComposedStage[]> =>
    (await makeAll('stage', references, ...path)).map((stage, index) => ({ name: references[index]!.use, stage }));
  // Those of kinds that core does not know, also where nothing uses them: what is written is made, or says why not.
  for (const { kind, path } of slots(pipeline)) if (isOpenKey(kind)) await make(kind, ...path);
  return Object.freeze({
    dataset: await make('data', 'data'),
    augmentations: await makeAll('augmentation', pipeline.augment, 'augment'),
    ...(await makeNetworks(pipeline, make)),
    wrapper: await make('wrapper', 'quantization', 'wrap'),
    sampler: await make('sampler', 'quantization', 'sampler'),
    optimizer: await make('optimizer', 'optimizer'),
    schedule: await make('schedule', 'schedule'),
    assigner: await make('assigner', 'evaluation', 'assigner'),
    stages: await makeStages(pipeline.stages, 'stages'),
    monitor: await makeStages(pipeline.monitor?.stages ?? [], 'monitor', 'stages'),
    loggers: (await makeAll('logger', pipeline.loggers, 'loggers')).map((logger, index) => {
      const name = pipeline.loggers[index]?.use ?? '';
      return { name, from: registry.packageOf('logger', name)?.name ?? '', logger };
    }),
  });
}

/** The networks of a run and how they are quantized: what a model is put together from, without data and optimizer. */
export type Networks = Pick<Composition, 'backbone' | 'method' | 'weights' | 'activations' | 'pins'>;

/** Makes the plugins that a model is put together from. @throws as `composeRun` */
export async function composeNetworks(
  pipeline: Pipeline,
  registry: Registry,
  surroundings: Surroundings,
): Promise<Networks> {
  return Object.freeze(await makeNetworks(pipeline, await createMaker(pipeline, registry, surroundings)));
}

/** Makes the data of a pipeline alone. @throws as `composeRun` */
export async function composeData(
  pipeline: Pipeline,
  registry: Registry,
  surroundings: Surroundings,
): Promise<Dataset> {
  return (await createMaker(pipeline, registry, surroundings))('data', 'data');
}

/** The plugin at a place of the pipeline, made once. */
type Make = <K extends Kind>(kind: K, ...path: Path) => Promise<PluginKinds[K]>;

async function makeNetworks({ quantization }: Pipeline, make: Make): Promise<Networks> {
  const makeOperand = async (operand: 'weights' | 'activations'): Promise<Quantization> => ({
    quantizer: await make('quantizer', 'quantization', operand, 'quantizer'),
    observer: await make('observer', 'quantization', operand, 'observer'),
    bits: quantization[operand].bits,
  });
  return {
    backbone: await make('backbone', 'backbone'),
    method: await make('method', 'method'),
    weights: await makeOperand('weights'),
    activations: await makeOperand('activations'),
    pins: readPins(quantization.pins),
  };
}

async function createMaker(pipeline: Pipeline, registry: Registry, surroundings: Surroundings): Promise<Make> {
  // Loaded where it is needed: `ssql validate` answers at once.
  const inversify = await import('inversify');
  const container = new inversify.Container();
  container.bind(TF).toConstantValue(surroundings.tf);
  container.bind(FOLDER).toConstantValue(surroundings.folder);
  container.bind(SEED).toConstantValue(pipeline.seed);
  for (const planned of planRun(pipeline, registry, surroundings.location).plugins)
    bindPlugin(container, planned, surroundings);

  return async <K extends Kind>(_kind: K, ...path: Path): Promise<PluginKinds[K]> => {
    try {
      return await container.getAsync(tokenOf<K>(path));
    } catch (error) {
      if (error instanceof SsqlError) throw error;
      // inversify's own: plugins that use each other.
      const reason = error instanceof Error ? error.message : String(error);
      throw pluginBroken(path.join('.'), reason, { location: surroundings.location?.(path), cause: error });
    }
  };
}

function bindPlugin(
  container: Container,
  { kind, path, reference, plugin, from, uses, token, needs }: PlannedPlugin,
  { location }: Surroundings,
): void {
  provide(container, token, needs, async (tf: Tf, folder: string, seed: number, ...made: unknown[]) => {
    const used = Object.fromEntries(uses.map((one, index) => [one.kind, made[index]]));
    try {
      // The options were validated against the plugin's own schema; `used` holds what its `uses` names.
      const made = (await plugin.create(
        reference.with as never,
        { tf, folder, seed, used } as never,
      )) as PluginKinds[Kind];
      return guard(made, { kind, name: plugin.name, from: from.name, location: location?.(path) });
    } catch (cause) {
      if (cause instanceof SsqlError) throw withLocation(cause, location?.(path));
      const reason = `the ${kind} \`${plugin.name}\` failed: ${cause instanceof Error ? cause.message : String(cause)}`;
      throw pluginBroken(from.name, reason, { location: location?.(path), cause });
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
