import { definePlugin, SsqlError, type RunStageContext } from '@ssql/core';
import { classifiedFeatures, type LabelledFeatures } from './classified-features.js';
import { accuracy, foldStandardization, type LinearHead } from './linear-head.js';
import { evaluationPrecisionsOption } from './precisions-option.js';
import { standardizationOf, standardize } from './standardization.js';
import { trainHead, type HeadTraining } from './train-head.js';

/**
 * Accuracy of a linear classifier on frozen features, at each precision. The defaults are fast. The paper uses
 * lr 30, epochs 100, milestones [60, 80], standardize false.
 */
export const linearProbe = definePlugin({
  kind: 'stage',
  name: 'linear-probe',
  summary: 'Trains a linear classifier on frozen features and measures its accuracy at each precision.',
  paper: 'Cao et al., Synergistic Self-supervised and Quantization Learning, 2022, section 4 (linear evaluation).',
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
          'matched: train a classifier at each precision, as in the paper. float: train one on float features and use it at all precisions.',
      },
      epochs: { type: 'integer', minimum: 1, default: 30, description: 'Number of passes over the training features.' },
      batch: { type: 'integer', minimum: 1, default: 256, description: 'Number of features per step.' },
      lr: { type: 'number', exclusiveMinimum: 0, default: 1, description: 'Initial learning rate.' },
      momentum: { type: 'number', minimum: 0, exclusiveMaximum: 1, default: 0.9, description: 'Momentum of SGD.' },
      milestones: {
        type: 'array',
        items: { type: 'integer', minimum: 1 },
        uniqueItems: true,
        description: 'Epochs at which the learning rate falls to a tenth. Default: it falls to 0 along a cosine.',
      },
      weightDecay: { type: 'number', minimum: 0, default: 0, description: 'L2 penalty on weights and biases.' },
      standardize: {
        type: 'boolean',
        default: true,
        description: 'Shift and scale each feature to mean 0 and standard deviation 1 over the training features.',
      },
    },
  },
  create: ({ precisions, classifier, standardize: standardized, ...training }) => ({
    scope: 'run',
    needsLabels: true,
    async run(context) {
      const sets = await classifiedFeatures(context, precisions, classifier);
      let head: LinearHead | undefined;
      for (const [index, text] of precisions.entries()) {
        const { train, test } = sets[index]!;
        if (classifier === 'matched' || !head) {
          const name = `linear probe ${classifier === 'matched' ? text : 'float'}`;
          head = await fit(train, standardized, training, context, name);
        }
        const value = await accuracy(context.engine.tf, head, test);
        await context.record([{ stage: 'linear-probe', precision: text, classifier, metric: 'accuracy', value }]);
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
    throw probeDiverged(name, training.lr, standardized);
  }
  return standardization ? foldStandardization(head, standardization) : head;
}

/**
 * The linear probe diverged: its weights are not finite.
 * @remedy Lower `lr` of the stage, or set `standardize: true`.
 */
function probeDiverged(name: string, lr: number, standardized: boolean): SsqlError {
  return new SsqlError('PROBE_DIVERGED', `${name}: the classifier's weights are not finite; expected finite weights.`, {
    hint: standardized ? `Lower lr, which is ${lr}.` : `Lower lr, which is ${lr}, or set standardize: true.`,
  });
}
