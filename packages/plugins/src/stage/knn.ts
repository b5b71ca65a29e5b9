import { definePlugin, type RunStage, type RunStageContext } from '@ssql/core';
import { classifiedFeatures, type LabelledSets } from './classified-features.js';
import { checkNeighbours, nearestImages } from './nearest-indexes.js';
import { percent } from './percent.js';
import { evaluationPrecisionsOption } from './precisions-option.js';
import { voteOf, votingOptions, type Voting } from './vote.js';

/** Accuracy of the weighted vote of the k nearest training features, by cosine, at each precision. */
export const knn = definePlugin({
  kind: 'stage',
  name: 'knn',
  summary:
    'Classifies by a weighted vote of the nearest training features and measures the accuracy at each precision.',
  paper: 'Wu et al., Unsupervised Feature Learning via Non-Parametric Instance Discrimination, 2018, section 3.4.',
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
          'matched: neighbours are training features of the same precision. float: neighbours are float training features.',
      },
      ...votingOptions,
    },
  },
  create: ({ precisions, classifier, k, temperature }): RunStage => ({
    scope: 'run',
    needsLabels: true,
    check({ train }) {
      checkNeighbours(k, train.size);
    },
    async run(context) {
      const sets = await classifiedFeatures(context, precisions, classifier);
      for (const [index, text] of precisions.entries()) {
        const value = await accuracy(sets[index]!, { k, temperature }, `knn ${text}`, context);
        const { protocol } = sets[index]!;
        const result = { stage: 'knn', precision: text, classifier, metric: 'accuracy', value } as const;
        await context.record([{ ...result, ...(protocol && { protocol }) }]);
      }
    },
  }),
});

async function accuracy(sets: LabelledSets, voting: Voting, name: string, context: RunStageContext): Promise<number> {
  const { labels } = sets.test;
  let right = 0;
  for await (const nearest of nearestImages(sets, voting.k, name, context))
    if (voteOf(nearest, sets.train.labels, context.dataset.classes.length, voting) === labels[nearest.test]) right++;
  return percent(right, labels.length);
}
