import { definePlugin, type RunStageContext } from '@ssql/core';
import { classifiedFeatures, type LabelledFeatures } from './classified-features.js';
import { accuracy, foldStandardization, type LinearHead } from './linear-head.js';
import { evaluationPrecisionsOption } from './precisions-option.js';
import { checkMilestones, MOMENTUM, WEIGHT_DECAY } from './sgd-options.js';
import { probeDiverged } from './probe-diverged.js';
import { standardizationOf, standardize } from './standardization.js';
import { trainHead, type HeadTraining } from './train-head.js';

/**
 * Accuracy of a linear classifier on stored features of unaugmented images, at each precision: quick, for comparisons within a pipeline.
 * The paper's protocol is that of `linear-evaluation`.
 */
export const linearProbe = definePlugin({
  kind: 'stage',
  name: 'linear-probe',
  summary:
    "Trains a linear classifier on stored features of unaugmented images and measures its accuracy at each precision. Quick; the paper's protocol is linear-evaluation.",
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['precisions'],
    properties: {
      precisions: evaluationPrecisionsOption,
      classifier: {
        enum: ['matched', 'float'],
        default: 'matched',
        description:
          'matched: train a classifier at each precision. float: train one on float features and use it at all precisions.',
      },
      epochs: { type: 'integer', minimum: 1, default: 30, description: 'Number of passes over the training features.' },
      batch: { type: 'integer', minimum: 1, default: 256, description: 'Number of features per step.' },
      lr: { type: 'number', exclusiveMinimum: 0, default: 1, description: 'Initial learning rate.' },
      momentum: MOMENTUM,
      milestones: {
        type: 'array',
        items: { type: 'integer', minimum: 1 },
        uniqueItems: true,
        description:
          'Epochs, counted from 0, at which the learning rate falls to a tenth. Default: it falls to 0 along a cosine.',
      },
      weightDecay: WEIGHT_DECAY,
      standardize: {
        type: 'boolean',
        default: true,
        description: 'Shift and scale each feature to mean 0 and standard deviation 1 over the training features.',
      },
    },
  },
  check: ({ milestones = [], epochs }) => checkMilestones(milestones, epochs),
  create: ({ precisions, classifier, standardize: standardized, ...training }) => ({
    scope: 'run',
    needsLabels: true,
    async run(context) {
      const sets = await classifiedFeatures(context, precisions, classifier);
      let head: LinearHead | undefined;
      for (const [index, text] of precisions.entries()) {
        const { train, test, protocol } = sets[index]!;
        if (classifier === 'matched' || !head) {
          const name = `linear probe ${classifier === 'matched' ? text : 'float'}`;
          head = await fit(train, standardized, training, context, name);
        }
        const value = await accuracy(context.engine.tf, head, test);
        const result = { stage: 'linear-probe', precision: text, classifier, metric: 'accuracy', value } as const;
        await context.record([{ ...result, ...(protocol && { protocol }) }]);
      }
    },
  }),
});

/** @throws SsqlError PROBE_DIVERGED if the weights are not finite. */
async function fit(
  train: LabelledFeatures,
  standardized: boolean,
  training: HeadTraining,
  context: RunStageContext,
  name: string,
): Promise<LinearHead> {
  const standardization = standardized ? standardizationOf(train) : undefined;
  const examples = standardization ? { ...train, values: standardize(train, standardization) } : train;
  const head = await trainHead(examples, training, context, name);
  if (![...head.weights, ...head.bias].every(Number.isFinite)) {
    throw probeDiverged(name, training.lr, !standardized);
  }
  return standardization ? foldStandardization(head, standardization) : head;
}
