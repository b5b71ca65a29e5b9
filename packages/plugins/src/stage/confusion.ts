import { definePlugin, writeAtomic, type RunStage, type RunStageContext } from '@ssql/core';
import { classifiedFeatures, type LabelledSets } from './classified-features.js';
import { checkNeighbours, nearestImages } from './nearest-indexes.js';
import { evaluationPrecisionsOption } from './precisions-option.js';
import { svgPicture, svgText } from './svg.js';
import { voteOf, votingOptions, type Voting } from './vote.js';

/** Pixels of a cell, of the names beside the cells, and of what is above them. */
const CELL = 30;
const NAMES = 76;
const HEAD = 52;

/** Draws which classes are taken for which, by the vote of the nearest training images, at each precision. */
export const confusion = definePlugin({
  kind: 'stage',
  name: 'confusion',
  summary:
    'Draws which classes are taken for which by the nearest training features at each precision; reports show the picture.',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['precisions'],
    properties: { precisions: evaluationPrecisionsOption, ...votingOptions },
  },
  create: ({ precisions, ...voting }): RunStage => ({
    scope: 'run',
    needsLabels: true,
    check: ({ train }) => checkNeighbours(voting.k, train.size),
    async run(context) {
      const sets = await classifiedFeatures(context, precisions, 'matched');
      const panels: string[] = [];
      for (const [index, precision] of precisions.entries()) {
        const counts = await confusions(sets[index]!, voting, `confusion ${precision}`, context);
        panels.push(panel(counts, context.dataset.classes, precision));
      }
      const width = NAMES + context.dataset.classes.length * CELL + 24;
      const placed = panels.map((drawn, index) => `<g transform="translate(${index * width} 0)">${drawn}</g>`);
      const height = HEAD + context.dataset.classes.length * CELL + 12;
      const title = 'Classes of test images (rows) and what they are taken for (columns)';
      await writeAtomic(
        context.file('confusion.svg'),
        svgPicture(width * panels.length, height, title, placed.join('')),
      );
    },
  }),
});

/** How many test images of each class (rows) are taken for each class (columns). */
async function confusions(
  sets: LabelledSets,
  voting: Voting,
  name: string,
  context: RunStageContext,
): Promise<readonly (readonly number[])[]> {
  const classes = context.dataset.classes.length;
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for await (const nearest of nearestImages(sets, voting.k, name, context))
    counts[sets.test.labels[nearest.test]!]![voteOf(nearest, sets.train.labels, classes, voting)]!++;
  return counts;
}

function panel(counts: readonly (readonly number[])[], classes: readonly string[], precision: string): string {
  const cells = counts.flatMap((row, y) => {
    const all = row.reduce((sum, count) => sum + count, 0) || 1;
    return row.map((count, x) => {
      const [left, top] = [NAMES + x * CELL, HEAD + y * CELL];
      const share = count / all;
      const box = `<rect x="${left}" y="${top}" width="${CELL - 1}" height="${CELL - 1}" fill="${x === y ? '#3a8beb' : '#d07135'}" fill-opacity="${(x === y ? 0.6 * share : Math.min(1, 4 * share)).toFixed(3)}"/>`;
      const number = svgText(left + CELL / 2, top + 19, String(count), 'text-anchor="middle" font-size="10"');
      return count === 0 ? box : box + number;
    });
  });
  const names = classes.map((name, index) => {
    const short = name.length > 10 ? `${name.slice(0, 9)}…` : name;
    const [x, y] = [NAMES + index * CELL + CELL / 2, HEAD + index * CELL + 19];
    return (
      svgText(NAMES - 8, y, short, 'text-anchor="end"') +
      svgText(x, HEAD - 8, short.slice(0, 4), 'text-anchor="middle"')
    );
  });
  return svgText(NAMES, 20, precision, 'font-weight="600"') + names.join('') + cells.join('');
}
