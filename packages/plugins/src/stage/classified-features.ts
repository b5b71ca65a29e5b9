import { FLOAT, type FeatureSets, type RunStageContext } from '@ssql/core';
import { readEvaluationPrecision } from './read-precision.js';

/** The option of a stage that classifies: the training features that the classifier comes from. */
export type Classifier = 'matched' | 'float';

/**
 * What is classified at each precision, in order: test features of that precision and, for `matched`, training features of the same
 * precision, otherwise float training features.
 */
export async function classifiedFeatures(
  context: RunStageContext,
  precisions: readonly string[],
  classifier: Classifier,
): Promise<readonly FeatureSets[]> {
  const measured = precisions.map(readEvaluationPrecision);
  if (classifier === 'matched') return context.features(measured);
  const [float, ...sets] = await context.features([FLOAT, ...measured]);
  return sets.map(({ test }) => ({ train: float!.train, test }));
}
