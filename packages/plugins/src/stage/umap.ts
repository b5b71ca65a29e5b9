import {
  definePlugin,
  random,
  SsqlError,
  writeAtomic,
  type Features,
  type RunStage,
  type RunStageContext,
} from '@ssql/core';
import { evaluationPrecisionsOption } from './precisions-option.js';
import { readEvaluationPrecision } from './read-precision.js';
import { scatterPicture } from './scatter-picture.js';

/** Draws the features of test images in a plane, at each precision beside each other. */
export const umap = definePlugin({
  kind: 'stage',
  name: 'umap',
  summary:
    'Draws the features of test images as points in a plane, at each precision: near features are near points; reports show the picture.',
  paper: 'https://arxiv.org/abs/1802.03426',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['precisions'],
    properties: {
      precisions: evaluationPrecisionsOption,
      images: {
        type: 'integer',
        minimum: 3,
        maximum: 2000,
        default: 500,
        description: 'Number of test images, evenly spaced in the split.',
      },
      k: {
        type: 'integer',
        minimum: 2,
        maximum: 100,
        default: 15,
        description: 'Neighbours that each point stays near to: few show details, many the whole.',
      },
    },
  },
  create: ({ precisions, images, k }): RunStage => ({
    scope: 'run',
    check: ({ test }) => checkPoints(k, precisions.length * Math.min(images, test.size)),
    async run(context) {
      const sets = await context.features(precisions.map(readEvaluationPrecision));
      const { test, classes } = context.dataset;
      const count = Math.min(images, test.size);
      const shown = Array.from({ length: count }, (_, index) => Math.floor((index * test.size) / count));
      // All precisions are laid out together, so that places can be compared.
      const places = await layOut(
        sets.flatMap(({ test }) => shown.map((image) => direction(test, image))),
        k,
        context,
      );
      const panels = precisions.map((title, index) => {
        return { title, points: places.slice(index * count, (index + 1) * count) };
      });
      const labels = sets[0]?.test.labels;
      const picture = scatterPicture(TITLE, panels, labels && shown.map((image) => labels[image]!), classes);
      await writeAtomic(context.file('umap.svg'), picture);
    },
  }),
});

const TITLE = 'Features of test images in a plane (UMAP), all precisions laid out together';

async function layOut(
  points: number[][],
  k: number,
  context: Pick<RunStageContext, 'seed' | 'progress'>,
): Promise<readonly (readonly [number, number])[]> {
  checkPoints(k, points.length);
  const { UMAP } = await import('umap-js');
  const layout = new UMAP({ nNeighbors: k, random: random(context.seed, 'umap').uniform });
  const epochs = layout.initializeFit(points);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    layout.step();
    await context.progress('umap', epoch, epochs);
  }
  return layout.getEmbedding().map(([x = 0, y = 0]) => [x, y] as const);
}

/** The feature of an image at unit length: distances then order as cosines do. */
function direction({ values, dimension }: Features, image: number): number[] {
  const feature = Array.from(values.subarray(image * dimension, (image + 1) * dimension));
  const length = Math.hypot(...feature);
  return feature.map((value) => (length > 0 ? value / length : 0));
}

/** @throws SsqlError UMAP_IMPOSSIBLE */
function checkPoints(k: number, points: number): void {
  if (points <= k) throw umapImpossible(k, points);
}

/**
 * `k` of the stage `umap` is not less than the number of points: its images at each of its precisions.
 * @remedy Lower `k`, or raise `images`.
 */
function umapImpossible(k: number, points: number): SsqlError {
  return new SsqlError('UMAP_IMPOSSIBLE', `k is ${k}; expected less than ${points}, the number of points.`);
}
