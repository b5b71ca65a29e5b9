import { setImmediate as nextTurn } from 'node:timers/promises';
import { EventFile } from '../artifact/event-file.js';
import type { RunFolder } from '../artifact/run-folder.js';
import type { StepMetrics } from '../artifact/run-record.js';
import type { Composition } from '../container/compose.js';
import type { CompiledStep, Engine, Tensors } from '../engine/engine.js';
import { lossNotFinite } from '../errors.js';
import { formatPrecision, type Precision } from '../quantization/precision.js';
import { permutation, random } from '../random.js';
import type { Model } from './model.js';
import { trainingStep } from './step.js';
import { drawPrecisions, stepInputs } from './step-inputs.js';
import { exportWeights, initialState, restoreState, storeState } from './training-state.js';
import type { Views } from './views.js';

export interface Training {
  readonly engine: Engine;
  readonly composition: Composition;
  readonly model: Model;
  readonly views: Views;
  readonly seed: number;
  readonly epochs: number;
  /** Images a step. An epoch's last, incomplete batch is left out. */
  readonly batch: number;
  /** Epochs between checkpoints. */
  readonly checkpointEvery: number;
  readonly signal: AbortSignal;
  /** Called after every step, and once before the first with no metrics. */
  readonly onStep: (done: number, total: number, metrics?: StepMetrics) => void;
}

/**
 * Trains a model and leaves its checkpoint, weights and metrics in the run's folder. Goes on from the folder's checkpoint where there is
 * one; the bytes are those of a training that was never stopped. When the signal aborts, a checkpoint is saved and its reason thrown.
 * @throws SsqlError LOSS_NOT_FINITE; checkpoints that were saved stay
 */
export async function pretrain(training: Training, folder: RunFolder): Promise<void> {
  const { engine, composition, model, views, seed, epochs, batch, checkpointEvery, signal, onStep } = training;
  const { dataset, method, wrapper, sampler, optimizer, schedule } = composition;
  const sets = { weights: composition.weights.bits, activations: composition.activations.bits };
  const stepsPerEpoch = Math.floor(dataset.train.size / batch);
  const total = epochs * stepsPerEpoch;

  const checkpoint = await folder.loadCheckpoint();
  let step = checkpoint?.step ?? 0;
  let saved = step;
  await folder.truncateMetrics(step);
  let state = checkpoint
    ? restoreState(engine, model, optimizer, checkpoint.tensors)
    : initialState(engine, model, optimizer, seed);
  const compiled = compiledSteps(training);
  const events = await EventFile.open(folder.folder, Date.now() / 1000);
  const save = async (): Promise<void> => {
    await folder.flushMetrics();
    await folder.saveCheckpoint({ epoch: Math.floor(step / stepsPerEpoch), step, tensors: await storeState(state) });
    saved = step;
  };

  let order: Uint32Array = new Uint32Array();
  let orderOf = -1;
  try {
    onStep(step, total);
    while (step < total) {
      const began = performance.now();
      const epoch = Math.floor(step / stepsPerEpoch);
      if (epoch !== orderOf) order = permutation(dataset.train.size, random(seed, 'shuffle', (orderOf = epoch)));
      const first = (step % stepsPerEpoch) * batch;
      const samples = order.slice(first, first + batch);
      const images = await dataset.train.read(samples);
      const learningRate = optimizer.learningRate * schedule.factor({ epoch, epochs, step, stepsPerEpoch });
      const precisions = drawPrecisions(sampler, sets, wrapper.precisions, seed, { step, epoch });
      const given = { images, imageShape: dataset.shape, samples, epoch, learningRate, precisions };
      const inputs = stepInputs(engine, views, method.views, seed, given);
      const result = compiled(precisions, state, inputs);
      engine.tf.dispose([state, inputs]);
      state = result.state;
      step += 1;

      const { loss, featureStd, parts } = readOutputs(engine, result.outputs);
      if (!Number.isFinite(loss)) throw lossNotFinite(loss, step, epoch, saved);
      const imagesPerSecond = (1000 * batch) / (performance.now() - began);
      const precision = precisions.length > 0 ? { precision: precisions.map(formatPrecision).join('+') } : {};
      const metrics = { step, epoch, loss, learningRate, ...precision, parts, featureStd, imagesPerSecond };
      folder.appendMetrics(metrics);
      await events.scalars(step, { loss, ...parts, learningRate, featureStd, imagesPerSecond }, Date.now() / 1000);
      onStep(step, total, metrics);

      if (signal.aborted || step === total || step % (stepsPerEpoch * checkpointEvery) === 0) await save();
      signal.throwIfAborted();
      // Native buffers are freed between turns of the event loop only.
      await nextTurn();
    }
    await folder.writeWeights(await exportWeights(model, state));
  } finally {
    compiled.dispose();
    engine.tf.dispose(state);
    await events.close();
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

/** The step, compiled once for each combination of float and quantized sides that is drawn: one, unless a sampler draws float too. */
function compiledSteps({ engine, composition, model, views }: Training): CompiledSteps {
  const { method, wrapper, optimizer } = composition;
  const step = trainingStep({ engine, model, views, method, wrapper, optimizer });
  const byKind = new Map<string, CompiledStep<Tensors, Tensors, Tensors>>();
  const run = (precisions: readonly Precision[], state: Tensors, inputs: Tensors) => {
    const kind = precisions
      .map(({ weights, activations }) => `${weights === 'float'} ${activations === 'float'}`)
      .join();
    let compiled = byKind.get(kind);
    if (compiled === undefined) byKind.set(kind, (compiled = engine.compile(step, state, inputs)));
    return compiled.run(state, inputs);
  };
  return Object.assign(run, { dispose: () => byKind.forEach((compiled) => compiled.dispose()) });
}

function readOutputs(
  { tf }: Engine,
  outputs: Tensors,
): { readonly loss: number; readonly featureStd: number; readonly parts: { readonly [name: string]: number } } {
  const values = Object.entries(outputs).map(([name, tensor]) => [name, tensor.dataSync()[0] ?? NaN] as const);
  tf.dispose(outputs);
  const { loss = NaN, featureStd = NaN, ...rest } = Object.fromEntries(values) as { [name: string]: number };
  const parts = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name.replace(/^part\./, ''), value]));
  return { loss, featureStd, parts };
}
