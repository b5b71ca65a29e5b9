import { definePlugin, type Optimizer } from '@ssql/core';

/** Sign descent with momentum (arXiv 1802.04434): every value moves by the learning rate. */
export const optimizer = definePlugin({
  kind: 'optimizer',
  name: 'template-name',
  summary: 'Moves each value by the learning rate against the sign of its averaged gradient.',
  paper: 'https://arxiv.org/abs/1802.04434',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      lr: {
        description: 'Base learning rate, which the schedule multiplies.',
        type: 'number',
        minimum: 0,
        default: 0.001,
      },
      momentum: { description: 'Factor on the average.', type: 'number', minimum: 0, maximum: 1, default: 0.9 },
    },
  },
  create: ({ lr, momentum }, { tf }): Optimizer => ({
    learningRate: lr,
    slots: ['average'],
    // The learning rate is a tensor, because the compiled step gets a new one each time: compute with it, do not read it.
    update({ value, gradient, slots: [average] }, learningRate) {
      const next = tf.add(tf.mul(average!, momentum), tf.mul(gradient, 1 - momentum));
      return { value: tf.sub(value, tf.mul(tf.sign(next), learningRate)), slots: [next] };
    },
  }),
});

export const plugins = [optimizer];
