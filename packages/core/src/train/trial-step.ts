import type { Tensors } from '../engine/engine.js';
import { initializeQuantizers } from './initialize-quantizers.js';
import { compiledSteps, epochOrders, inputsAt, type StepSettings } from './pretrain.js';
import { readImages } from './read-images.js';
import { initialState } from './training-state.js';

/** The first step of a training. It can run many times, because its results are thrown away. */
export interface TrialStep {
  run(): void;
  dispose(): void;
}

/** Prepares the first step of a training as `pretrain` does, and changes nothing. */
export async function trialStep(training: StepSettings): Promise<TrialStep> {
  const { engine, composition, model, views, seed, batch } = training;
  const { tf } = engine;
  const samples = epochOrders(composition.dataset.train.size, seed)(0).slice(0, batch);
  const images = await readImages(composition.dataset.train, samples);
  const { precisions, inputs } = inputsAt(training, samples, images, 0);
  const drawn = initialState(engine, model, composition.optimizer, seed, training.initial);
  let state: Tensors = drawn;
  try {
    state = initializeQuantizers(engine, model, views, drawn, inputs);
  } catch (error) {
    tf.dispose([drawn, inputs]);
    throw error;
  }
  const compiled = compiledSteps(training);
  return {
    run() {
      const results = compiled(precisions, state, inputs);
      try {
        // Reading waits for the end of the step.
        results.outputs['loss']?.dataSync();
      } finally {
        tf.dispose([results.state, results.outputs]);
      }
    },
    dispose() {
      compiled.dispose();
      tf.dispose([state, inputs]);
    },
  };
}
