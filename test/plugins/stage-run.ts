import {
  formatPrecision,
  openEngine,
  type Dataset,
  type Evaluation,
  type FeatureSets,
  type ImageBatch,
  type RunStageContext,
} from '@ssql/core';

/** Outputs of every view, [count,D] row-major. */
export interface ViewOutputs {
  readonly features: readonly Float32Array[];
  readonly predictions: readonly Float32Array[];
  readonly momentum?: readonly Float32Array[];
  readonly count: number;
}

export interface StageRun {
  readonly context: RunStageContext;
  readonly evaluations: Evaluation[];
  readonly progress: string[];
}

/** What a stage is run with: features by precision, and the engine of plain JavaScript. */
export async function stageRun(
  features: { readonly [precision: string]: FeatureSets },
  classes: number,
  seed = 1,
  outputs: { readonly [precision: string]: ViewOutputs } = {},
  networks: readonly string[] = ['encoder', 'predictor'],
): Promise<StageRun> {
  const evaluations: Evaluation[] = [];
  const progress: string[] = [];
  const engine = await openEngine({ use: 'cpu' });
  const dataset = {
    name: 'made',
    classes: Array.from({ length: classes }, (_, index) => String(index)),
  } as unknown as Dataset; // stages read its classes only
  const context: RunStageContext = {
    engine,
    dataset,
    seed,
    features: async (precisions) => precisions.map((precision) => features[formatPrecision(precision)]!),
    viewFeatures: () => Promise.reject(new Error('there are no images')),
    encoder: () => Promise.reject(new Error('there is no network')),
    file: (name) => name,
    networks,
    trainingViews: async () => imagesOf(outputs),
    outputs: async ({ precisions }) =>
      precisions.map((precision) => {
        const { features, predictions, momentum = [] } = outputs[formatPrecision(precision)]!;
        return { encoder: features, predictor: predictions, momentum };
      }),
    record: async (added) => void evaluations.push(...added),
    progress: async (message, done, total) => void progress.push(`${message} ${done}/${total}`),
    signal: new AbortController().signal,
  };
  return { context, evaluations, progress };
}

/** As many images as there are outputs; the stages look at their number only. */
function imagesOf(outputs: { readonly [precision: string]: ViewOutputs }): readonly ImageBatch[] {
  return (outputs['float']?.features ?? []).map(() => ({
    shape: [outputs['float']!.count, 1, 1, 1],
    values: new Float32Array(outputs['float']!.count),
  }));
}
