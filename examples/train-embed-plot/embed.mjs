import { writeFile } from 'node:fs/promises';
import { definePlugin, parseEvaluationPrecision } from '@ssql/core';

/** Writes the features of some test images at each precision: `embedding.json`, in the folder of the run. */
const embed = definePlugin({
  kind: 'stage',
  name: 'embed',
  summary: 'Writes the features of test images.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      precisions: { type: 'array', items: { type: 'string' }, default: ['float'], description: 'The precisions.' },
      images: { type: 'integer', minimum: 2, default: 500, description: 'Number of test images.' },
    },
  },
  create: ({ precisions, images }) => ({
    scope: 'run',
    async run(context) {
      const sets = await context.features(precisions.map((text) => parseEvaluationPrecision(text)));
      const embeddings = sets.map(({ test: { values, dimension, labels } }, index) => ({
        precision: precisions[index],
        labels: [...labels.slice(0, images)],
        features: Array.from({ length: Math.min(images, labels.length) }, (_, image) => [
          ...values.slice(image * dimension, (image + 1) * dimension),
        ]),
      }));
      await writeFile(context.file('embedding.json'), JSON.stringify(embeddings));
    },
  }),
});

export const plugins = [embed];
