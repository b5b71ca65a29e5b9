import type { Tensor4D } from '@tensorflow/tfjs-core';
import { definePlugin, type Random } from '@ssql/core';
import { augmentationImpossible } from './augmentation-impossible.js';
import { rangeOption, readRange } from './range-option.js';
import { choose, column } from './per-sample.js';

/** Fills a rectangle of random size and position with one random value. */
export const randomErasing = definePlugin({
  kind: 'augmentation',
  name: 'random-erasing',
  summary: 'Fills a rectangle of random size and position with one random value.',
  paper: 'Zhong et al., Random Erasing Data Augmentation, 2020 (here with one value for the whole rectangle).',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      p: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0.3,
        description: 'Probability that an image gets a rectangle.',
      },
      size: rangeOption(
        { type: 'integer', minimum: 1 },
        [4, 11],
        "Range of the rectangle's height and of its width, in pixels.",
      ),
    },
  },
  create(options, { tf }) {
    const { p } = options;
    const size = readRange('random-erasing', 'size', options.size);
    return {
      prepare(input) {
        const [height, width] = input;
        if (size[1] > height || size[1] > width) {
          throw augmentationImpossible(
            'random-erasing',
            `rectangles up to ${size[1]} pixels in images of ${height}x${width}`,
            'smaller rectangles',
          );
        }
        return {
          output: input,
          draws: 5,
          draw: (random) => (random.uniform() < p ? drawRectangle(random, height, width, size) : [0, 0, 0, 0, 0]),
          describe: ([top, left, high, wide]) => (high === 0 ? 'no' : `${high}x${wide} at ${top}, ${left}`),
          apply(images, drawn) {
            // 1 inside the interval and 0 outside it: all numbers are integers.
            const inside = (positions: Tensor4D, begin: number, extent: number): Tensor4D => {
              const offsets = tf.sub(positions, column(tf, drawn, begin));
              return tf.mul(
                tf.clipByValue(tf.add(offsets, 1), 0, 1),
                tf.clipByValue(tf.sub(column(tf, drawn, extent), offsets), 0, 1),
              );
            };
            const rows = inside(tf.reshape(tf.range(0, height, 1), [1, height, 1, 1]), 0, 2);
            const columns = inside(tf.reshape(tf.range(0, width, 1), [1, 1, width, 1]), 1, 3);
            return choose(tf, tf.mul(rows, columns), column(tf, drawn, 4), images);
          },
        };
      },
    };
  },
});

/** [top, left, height, width, value] of the rectangle. */
function drawRectangle(
  random: Random,
  height: number,
  width: number,
  [low, high]: readonly [number, number],
): readonly number[] {
  const boxHeight = low + random.integer(high - low + 1);
  const boxWidth = low + random.integer(high - low + 1);
  return [
    random.integer(height - boxHeight + 1),
    random.integer(width - boxWidth + 1),
    boxHeight,
    boxWidth,
    random.uniform(),
  ];
}
