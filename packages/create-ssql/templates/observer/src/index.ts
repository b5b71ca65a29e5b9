import { definePlugin, type Granularity, type Observer, type Tf } from '@ssql/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** The extremes of all batches, moved apart by a margin. */
export const observer = definePlugin({
  kind: 'observer',
  name: 'template-name',
  summary: 'The minimum and the maximum of all observed batches, widened by a margin.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      margin: {
        description: 'Share of the width that is added at each end.',
        type: 'number',
        minimum: 0,
        default: 0.05,
      },
    },
  },
  create: ({ margin }, { tf }): Observer => ({
    observe(x, granularity, previous) {
      const max = largest(tf, x, granularity);
      const min = tf.neg(largest(tf, tf.neg(x), granularity));
      if (previous === undefined) return { min, max };
      return { min: tf.minimum(previous['min']!, min), max: tf.maximum(previous['max']!, max) };
    },
    range({ min, max }) {
      const added = tf.mul(tf.sub(max!, min!), margin);
      return { min: tf.sub(min!, added), max: tf.add(max!, added) };
    },
  }),
});

export const plugins = [observer];

/** The largest value of the tensor, or of each channel, its last axis. */
function largest(tf: Tf, x: Tensor, granularity: Granularity): Tensor {
  return tf.max(x, granularity === 'tensor' ? undefined : x.shape.map((_, axis) => axis).slice(0, -1));
}
