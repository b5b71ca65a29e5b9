import { definePlugin, type Augmentation } from '@ssql/core';

/** Inverts an image with a probability. */
export const augmentation = definePlugin({
  kind: 'augmentation',
  name: 'template-name',
  summary: 'Inverts the values of an image: a negative.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      p: { description: 'Probability of a negative.', type: 'number', minimum: 0, maximum: 1, default: 0.5 },
    },
  },
  create: ({ p }, { tf }): Augmentation => ({
    // Called once with the shape of the images: refuse a shape that it cannot take.
    prepare: (input) => ({
      output: input,
      // Numbers are drawn for each image before the step, and applied to a batch in the graph.
      draws: 1,
      draw: (random) => [random.uniform()],
      apply(images, draws) {
        const chosen = tf.cast(tf.less(tf.reshape(draws, [-1, 1, 1, 1]), p), 'float32');
        return tf.add(images, tf.mul(chosen, tf.sub(1, tf.mul(images, 2))));
      },
    }),
  }),
});

export const plugins = [augmentation];
