import { FLOAT, type Features, type Protocol, type RunStageContext } from '@ssql/core';
import { readEvaluationPrecision } from './read-precision.js';

/** The option of a stage that classifies: the training features that the classifier comes from. */
export type Classifier = 'matched' | 'float';

/** Features of labelled images. */
export interface LabelledFeatures extends Features {
  readonly labels: NonNullable<Features['labels']>;
}

export interface LabelledSets {
  readonly train: LabelledFeatures;
  readonly test: LabelledFeatures;
  readonly protocol?: Protocol;
}

/**
 * What is classified at each precision, in order: test features of that precision and, for `matched`, training features of the same
 * precision, otherwise float training features. Only for stages with `needsLabels`: ssql runs them on labelled images only.
 */
export async function classifiedFeatures(
  context: RunStageContext,
  precisions: readonly string[],
  classifier: Classifier,
): Promise<readonly LabelledSets[]> {
  const measured = precisions.map(readEvaluationPrecision);
  const labelledAt = async (at: Parameters<RunStageContext['features']>[0]): Promise<readonly LabelledSets[]> =>
    (await context.features(at)) as readonly LabelledSets[]; // the stage has `needsLabels`
  if (classifier === 'matched') return labelledAt(measured);
  const [float, ...sets] = await labelledAt([FLOAT, ...measured]);
  return sets.map((set) => ({ ...set, train: float!.train }));
}
