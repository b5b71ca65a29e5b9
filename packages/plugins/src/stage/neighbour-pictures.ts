import { definePlugin, writeAtomic, type RunStage, type RunStageContext, type Split } from '@ssql/core';
import { classifiedFeatures, type LabelledSets } from './classified-features.js';
import { checkNeighbours, nearestImages } from './nearest-indexes.js';
import { evaluationPrecisionsOption } from './precisions-option.js';
import { bitmap, svgPicture, svgText } from './svg.js';

/** Pixels of an image, of the space between images, and of the space between test images and neighbours. */
const SIDE = 48;
const GAP = 6;
const APART = 20;
const HEAD = 32;

/** Draws the training images that are nearest to some test images, at each precision beside each other. */
export const neighbourPictures = definePlugin({
  kind: 'stage',
  name: 'neighbour-pictures',
  summary:
    'Draws the training images whose features are nearest to those of some test images, at each precision; reports show the picture.',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['precisions'],
    properties: {
      precisions: evaluationPrecisionsOption,
      images: {
        type: 'integer',
        minimum: 1,
        maximum: 50,
        default: 8,
        description: 'Number of test images, evenly spaced in the split.',
      },
      k: { type: 'integer', minimum: 1, maximum: 20, default: 5, description: 'Number of neighbours of each.' },
    },
  },
  create: ({ precisions, images, k }): RunStage => ({
    scope: 'run',
    needsLabels: true,
    check: ({ train }) => checkNeighbours(k, train.size),
    async run(context) {
      const sets = await classifiedFeatures(context, precisions, 'matched');
      const { train, test, shape } = context.dataset;
      const count = Math.min(images, test.size);
      const queries = Array.from({ length: count }, (_, index) => Math.floor((index * test.size) / count));
      const rows = await Promise.all(queries.map((query) => picture(test, query, shape)));
      const blocks: string[] = [];
      for (const [index, precision] of precisions.entries()) {
        const lists = await nearestTo(queries, sets[index]!, { k, name: `neighbours ${precision}` }, context);
        const left = SIDE + APART + index * (k * (SIDE + GAP) + APART);
        blocks.push(svgText(left, 20, precision, 'font-weight="600"'));
        for (const [row, list] of lists.entries()) {
          for (const [place, image] of list.entries()) {
            const right = sets[index]!.train.labels[image] === sets[index]!.test.labels[queries[row]!];
            const [x, y] = [left + place * (SIDE + GAP), HEAD + row * (SIDE + GAP)];
            blocks.push(at(x, y, (await picture(train, image, shape)) + (right ? '' : WRONG)));
          }
        }
      }
      const width = SIDE + APART + precisions.length * (k * (SIDE + GAP) + APART);
      const height = HEAD + queries.length * (SIDE + GAP);
      const title = 'Test images (left) and the nearest training images; a frame marks another class';
      const content =
        svgText(0, 20, 'test') + rows.map((row, y) => at(0, HEAD + y * (SIDE + GAP), row)).join('') + blocks.join('');
      await writeAtomic(context.file('neighbour-pictures.svg'), svgPicture(width, height, title, content));
    },
  }),
});

/** Around an image of another class. */
const WRONG = `<rect x="1" y="1" width="${SIDE - 2}" height="${SIDE - 2}" fill="none" stroke="#d07135" stroke-width="3"/>`;

async function nearestTo(
  queries: readonly number[],
  sets: LabelledSets,
  { k, name }: { readonly k: number; readonly name: string },
  context: RunStageContext,
): Promise<readonly (readonly number[])[]> {
  const lists = new Map<number, readonly number[]>();
  for await (const { test, indexes } of nearestImages(sets, k, name, context))
    if (queries.includes(test)) lists.set(test, Array.from(indexes));
  return queries.map((query) => lists.get(query) ?? []);
}

async function picture(
  split: Split,
  index: number,
  shape: readonly [height: number, width: number, channels: number],
): Promise<string> {
  const address = bitmap(await split.read([index]), shape);
  return `<image width="${SIDE}" height="${SIDE}" href="${address}"/>`;
}

function at(x: number, y: number, content: string): string {
  return `<g transform="translate(${x} ${y})">${content}</g>`;
}
