import { definePlugin, EVALUATION_PRECISION_PATTERN, parseEvaluationPrecision, type RunStage } from '@ssql/core';

/** Measures how long the features of test images are at each precision. */
export const stage = definePlugin({
  kind: 'stage',
  name: 'template-name',
  summary: 'The mean length of the features of test images at each precision.',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['precisions'],
    properties: {
      precisions: {
        description: 'Precisions, such as float or w4a4.',
        type: 'array',
        minItems: 1,
        items: { type: 'string', pattern: EVALUATION_PRECISION_PATTERN },
      },
    },
  },
  create: ({ precisions }): RunStage => ({
    scope: 'run',
    async run(context) {
      // One call for all precisions, because the images are read once.
      const sets = await context.features(precisions.map((text) => parseEvaluationPrecision(text)!));
      for (const [index, precision] of precisions.entries()) {
        const { values, dimension } = sets[index]!.test;
        const images = values.length / dimension;
        let sum = 0;
        for (let image = 0; image < images; image++)
          sum += Math.hypot(...values.subarray(image * dimension, (image + 1) * dimension));
        const value = sum / images;
        await context.record([{ stage: 'template-name', precision, classifier: 'matched', metric: 'length', value }]);
        // Reports progress, and throws if the run must stop.
        await context.progress('template-name', index + 1, precisions.length);
      }
    },
  }),
});

export const plugins = [stage];
