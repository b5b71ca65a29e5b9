import * as tf from '@tensorflow/tfjs-core';
import { formatPrecision, type Dataset, type Evaluation, type FeatureSets, type StageContext } from '@ssql/core';

export interface StageRun {
  readonly context: StageContext;
  readonly evaluations: Evaluation[];
  readonly progress: string[];
}

/** What a stage is run with: features by precision, and an engine that runs steps eagerly. */
export function stageRun(features: { readonly [precision: string]: FeatureSets }, classes: number, seed = 1): StageRun {
  const evaluations: Evaluation[] = [];
  const progress: string[] = [];
  const engine = {
    tf,
    compile: (step: (state: tf.NamedTensorMap, inputs: tf.NamedTensorMap) => tf.TensorContainer) => ({
      run: (state: tf.NamedTensorMap, inputs: tf.NamedTensorMap) => tf.tidy(() => step(state, inputs)),
      dispose: () => undefined,
    }),
  } as unknown as StageContext['engine']; // the part of an engine that stages use
  const dataset = {
    name: 'made',
    classes: Array.from({ length: classes }, (_, index) => String(index)),
  } as unknown as Dataset; // stages read its classes only
  const context: StageContext = {
    engine,
    dataset,
    seed,
    features: async (precision) => features[formatPrecision(precision)]!,
    record: async (added) => void evaluations.push(...added),
    runs: [],
    folder: '',
    progress: (message, done, total) => void progress.push(`${message} ${done}/${total}`),
    signal: new AbortController().signal,
  };
  return { context, evaluations, progress };
}
