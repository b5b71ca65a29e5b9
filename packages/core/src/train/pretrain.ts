import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RunFolder } from '../artifact/run-folder.js';
import type { StepMetrics } from '../kinds/run-record.js';
import type { CompiledStep, ComputePrecision, Engine, Tensors } from '../engine/engine.js';
import { brokenBy } from '../plugin/plugin-of.js';
import { lossNotFinite, weightsNotFinite } from './train-errors.js';
import { formatPrecision, type Precision } from '../quantization/precision.js';
import { permutation, random } from '../random.js';
import { checkpointWriter } from './checkpoint-writer.js';
import type { InitialWeights } from './initial-weights.js';
import { prefetchedBatches } from './prefetched-batches.js';
import type { Dataset } from '../kinds/data.js';
import type { Optimizer } from '../kinds/optimizer.js';
import type { Sampler } from '../kinds/sampler.js';
import type { Schedule } from '../kinds/schedule.js';
import type { Wrapper } from '../kinds/wrapper.js';
import type { Model, Networks } from './model.js';
import { precisionChoices } from './precision-choices.js';
import { initializeQuantizers } from './initialize-quantizers.js';
import { methodInputs, sameMethodInputs } from './method-inputs.js';
import { readImages, type TrainingImages } from './read-images.js';
import { trainingStep } from './step.js';
import { drawPrecisions, isBits, stepInputs } from './step-inputs.js';
import { exportWeights, initialState, restoreState, storeState } from './training-state.js';
import type { Views } from './views.js';

export interface Training extends StepSettings {
  /** Epochs between checkpoints. */
  readonly checkpointEvery: number;
  readonly signal: AbortSignal;
  /** Takes the metrics of each step, in order. */
  readonly logs: { metrics(metrics: StepMetrics): Promise<void> };
  readonly monitor: TrainingMonitor;
  /** Called after every step, and once before the first with no metrics. */
  readonly onStep: (done: number, total: number, metrics?: StepMetrics) => void;
}

/** What the steps of a training depend on. */
export interface StepSettings {
  readonly engine: Engine;
  /** What the step's convolutions and matrix products multiply in. */
  readonly precision: ComputePrecision;
  readonly composition: TrainingPlugins;
  readonly model: Model;
  readonly views: Views;
  /** Initial weights, if they are not random. */
  readonly initial?: InitialWeights | undefined;
  readonly seed: number;
  readonly epochs: number;
  /** Images per step. An epoch's last, incomplete batch is dropped. */
  readonly batch: number;
  /** Called before a step whose loss does not depend on the bit widths that were drawn for it. Engines that record no graph cannot tell. */
  readonly onUnusedBits?: () => void;
}

/** The plugins that training uses. */
export interface TrainingPlugins extends Pick<Networks, 'method' | 'weights' | 'activations'> {
  readonly dataset: Dataset;
  readonly wrapper: Wrapper;
  readonly sampler: Sampler;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
}

/** Measures the weights during training and changes nothing. */
export interface TrainingMonitor {
  /** Whether it measures after a step; a checkpoint of that step is begun first. */
  isDue(step: number): boolean;
  watch(step: number, state: Tensors): Promise<void>;
}

/**
 * Trains a model and writes its checkpoint, weights and metrics to the run's folder; without epochs, only its initial weights. Continues from the folder's checkpoint if there is
 * one; the result has the same bytes as an uninterrupted training. A checkpoint is written while the next steps run. If the signal aborts
 * or a logger or the monitor fails, it saves a checkpoint and throws the reason.
 * @throws SsqlError LOSS_NOT_FINITE, WEIGHTS_NOT_FINITE; saved checkpoints are kept. DISK_FULL, NOT_WRITABLE after the step in which a
 * write fails, also in the place of another reason
 */
export async function pretrain(training: Training, folder: RunFolder): Promise<void> {
  const { engine, composition, model, views, seed, epochs, batch, checkpointEvery, signal, logs, monitor, onStep } =
    training;
  const { dataset, optimizer } = composition;
  const stepsPerEpoch = Math.floor(dataset.train.size / batch);
  const total = epochs * stepsPerEpoch;

  const checkpoint = await folder.loadCheckpoint();
  let step = checkpoint?.step ?? 0;
  const checkpoints = checkpointWriter(folder, step);
  await folder.truncateMetrics(step, checkpoint?.metrics);
  let state = checkpoint
    ? restoreState(engine, model, optimizer, checkpoint.tensors)
    : initialState(engine, model, optimizer, seed, training.initial);
  const compiled = compiledSteps(training);
  const save = async (): Promise<void> => {
    await checkpoints.end();
    await folder.flushMetrics();
    const tensors = await storeState(state);
    // The loss belongs to the weights before the step.
    if (!tensors.every(({ values }) => allFinite(values))) throw weightsNotFinite(step, checkpoints.saved);
    checkpoints.begin({ epoch: Math.floor(step / stepsPerEpoch), step, tensors });
  };
  const orderOf = epochOrders(dataset.train.size, seed);
  const samplesOf = (step: number): Uint32Array => {
    const first = (step % stepsPerEpoch) * batch;
    return orderOf(Math.floor(step / stepsPerEpoch)).slice(first, first + batch);
  };
  const batches = prefetchedBatches((step) => readImages(dataset.train, samplesOf(step)), total);

  let first = true;
  try {
    if (total > 0) onStep(step, total);
    await monitor.watch(step, state); // the last session may have stopped before measuring this step; or there are no steps
    while (step < total) {
      const began = performance.now();
      const epoch = Math.floor(step / stepsPerEpoch);
      const images = await batches.of(step);
      const { learningRate, precisions, inputs } = inputsAt(training, samplesOf(step), images, step);
      if (step === 0) state = initializeQuantizers(engine, model, views, state, inputs);
      const result = withDisposal(engine, inputs, () => compiled(precisions, state, inputs));
      engine.tf.dispose(state);
      state = result.state;
      step += 1;

      const { loss, featureStd, parts } = readOutputs(engine, result.outputs);
      const imagesPerSecond = (1000 * batch) / (performance.now() - began);
      const precision = precisions.length > 0 ? { precision: precisions.map(formatPrecision).join('+') } : {};
      const metrics = { step, epoch, loss, learningRate, ...precision, parts, featureStd, imagesPerSecond };
      folder.appendMetrics(metrics);
      const logging = await settled(logs.metrics(metrics));
      if (!Number.isFinite(loss)) {
        await folder.flushMetrics();
        await checkpoints.end();
        throw lossNotFinite(loss, step, epoch, checkpoints.saved);
      }
      if (first) refuseNotFinite(composition, { parts, featureStd });
      first = false;
      onStep(step, total, metrics);

      const stops = signal.aborted || logging.status === 'rejected';
      const saves = step === total || step % (stepsPerEpoch * checkpointEvery) === 0;
      if (stops || saves || monitor.isDue(step)) await save();
      if (logging.status === 'rejected') throw logging.reason;
      signal.throwIfAborted();
      // The monitor reads images too, and a dataset need not serve two readers at once.
      if (monitor.isDue(step)) await batches.settled();
      await monitor.watch(step, state);
      // Native buffers are freed between turns of the event loop only; in these turns, writing goes on.
      await nextTurn();
      checkpoints.check();
    }
    await checkpoints.end();
    await folder.writeWeights(await exportWeights(model, state));
  } finally {
    await batches.settled();
    compiled.dispose();
    engine.tf.dispose(state);
    await checkpoints.end();
  }
}

/**
 * The inputs of a step, which the caller disposes, and what was drawn for them.
 * @param samples the images' indexes in the training split
 */
export function inputsAt(
  { engine, composition, views, seed, epochs, batch }: StepSettings,
  samples: Uint32Array,
  { images, sizes }: TrainingImages,
  step: number,
): { readonly learningRate: number; readonly precisions: readonly Precision[]; readonly inputs: Tensors } {
  const { dataset, method, wrapper, sampler, optimizer, schedule } = composition;
  const sets = { weights: composition.weights.bits, activations: composition.activations.bits };
  const stepsPerEpoch = Math.floor(dataset.train.size / batch);
  const epoch = Math.floor(step / stepsPerEpoch);
  const at = { epoch, epochs, step, stepsPerEpoch };
  const learningRate = optimizer.learningRate * schedule.factor(at);
  const precisions = drawPrecisions(sampler, sets, precisionChoices(wrapper), seed, { step, epoch });
  const momentum = method.momentum?.(at);
  const values = { images, sizes, imageShape: dataset.shape, samples, epoch, step, learningRate, momentum, precisions };
  const inputs = {
    ...stepInputs(engine, views, views.count, seed, values),
    ...methodInputs(engine, method, { seed, batch }, at),
  };
  return { learningRate, precisions, inputs };
}

/** Numbers besides the loss that are not finite in the first step. @throws SsqlError PLUGIN_BROKEN */
function refuseNotFinite(
  { method, wrapper }: Pick<TrainingPlugins, 'method' | 'wrapper'>,
  { parts, featureStd }: Pick<StepMetrics, 'parts' | 'featureStd'>,
): void {
  const part = Object.entries(parts).find(([, value]) => !Number.isFinite(value));
  if (part !== undefined)
    throw brokenBy(wrapper, `returns \`parts.${part[0]}\` ${part[1]} from \`objective\`; expected a finite number`);
  if (!Number.isFinite(featureStd))
    throw brokenBy(method, 'returns features that are not finite from `features`; expected finite numbers');
}

/** `every` takes nine times as long, and training waits. */
function allFinite(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** Waits until a promise settles. */
async function settled(work: Promise<void>): Promise<PromiseSettledResult<void>> {
  const [outcome] = await Promise.allSettled([work]);
  return outcome;
}

/** The order of the images in an epoch, computed at its start. */
export function epochOrders(size: number, seed: number): (epoch: number) => Uint32Array {
  let current: { readonly epoch: number; readonly order: Uint32Array } | undefined;
  return (epoch) => {
    if (current?.epoch !== epoch) current = { epoch, order: permutation(size, random(seed, 'shuffle', epoch)) };
    return current.order;
  };
}

/** Frees tensors after the work, even if it fails. */
function withDisposal<T>({ tf }: Engine, tensors: Tensors, work: () => T): T {
  try {
    return work();
  } finally {
    tf.dispose(tensors);
  }
}

interface CompiledSteps {
  (
    precisions: readonly Precision[],
    state: Tensors,
    inputs: Tensors,
  ): ReturnType<CompiledStep<Tensors, Tensors, Tensors>['run']>;
  dispose(): void;
}

/** The step, compiled once per drawn combination of float and quantized operands: one, unless a sampler also draws float. */
export function compiledSteps({
  engine,
  precision,
  composition,
  model,
  views,
  onUnusedBits,
}: StepSettings): CompiledSteps {
  const { method, wrapper, optimizer } = composition;
  const step = trainingStep({ engine, model, views, method, wrapper, optimizer });
  const byKind = new Map<string, CompiledStep<Tensors, Tensors, Tensors>>();
  const refuseOther = sameMethodInputs(method);
  const run = (precisions: readonly Precision[], state: Tensors, inputs: Tensors) => {
    refuseOther(inputs);
    const kind = precisions
      .map(({ weights, activations }) => `${weights === 'float'} ${activations === 'float'}`)
      .join();
    let compiled = byKind.get(kind);
    if (compiled === undefined) {
      byKind.set(kind, (compiled = engine.compile(step, state, inputs, precision)));
      const { reads } = compiled;
      const bits = Object.keys(inputs).filter(isBits);
      if (reads !== undefined && bits.length > 0 && !bits.some((name) => reads('loss', name))) onUnusedBits?.();
    }
    return compiled.run(state, inputs);
  };
  return Object.assign(run, { dispose: () => byKind.forEach((compiled) => compiled.dispose()) });
}

function readOutputs(
  engine: Engine,
  outputs: Tensors,
): { readonly loss: number; readonly featureStd: number; readonly parts: { readonly [name: string]: number } } {
  const values = withDisposal(engine, outputs, () =>
    Object.entries(outputs).map(([name, tensor]) => [name, tensor.dataSync()[0] ?? NaN] as const),
  );
  const { loss = NaN, featureStd = NaN, ...rest } = Object.fromEntries(values) as { [name: string]: number };
  const parts = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name.replace(/^part\./, ''), value]));
  return { loss, featureStd, parts };
}
