import {
  formatPrecision,
  openEngine,
  type Dataset,
  type Evaluation,
  type FeatureSets,
  type StageContext,
  type ViewOutputs,
} from '@ssql/core';

export interface StageRun {
  readonly context: StageContext;
  readonly evaluations: Evaluation[];
  readonly progress: string[];
}

/** What a stage is run with: features by precision, and the engine of plain JavaScript. */
export async function stageRun(
  features: { readonly [precision: string]: FeatureSets },
  classes: number,
  seed = 1,
  outputs: { readonly [precision: string]: ViewOutputs } = {},
): Promise<StageRun> {
  const evaluations: Evaluation[] = [];
  const progress: string[] = [];
  const engine = await openEngine({ use: 'cpu' });
  const dataset = {
    name: 'made',
    classes: Array.from({ length: classes }, (_, index) => String(index)),
  } as unknown as Dataset; // stages read its classes only
  const context: StageContext = {
    engine,
    dataset,
    seed,
    features: async (precision) => features[formatPrecision(precision)]!,
    viewOutputs: async (precision) => outputs[formatPrecision(precision)]!,
    record: async (added) => void evaluations.push(...added),
    runs: [],
    folder: '',
    progress: async (message, done, total) => void progress.push(`${message} ${done}/${total}`),
    signal: new AbortController().signal,
  };
  return { context, evaluations, progress };
}
