import { definePlugin, stopGradient, type Method, type Network, type Tf } from '@ssql/core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';

/** Features z of the two views. */
type Pair = readonly [Tensor2D, Tensor2D];

/**
 * SimCLR (arXiv 2002.05709) in the form that SSQL needs: features are compared with the features of a float pass, whose gradient is
 * stopped.
 */
export const method = definePlugin({
  kind: 'method',
  name: 'template-name',
  summary: 'Two views of an image attract each other and repel all other images of the batch (NT-Xent).',
  paper: 'https://arxiv.org/abs/2002.05709',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      hidden: { description: "Width of the projector's hidden layer.", type: 'integer', minimum: 1, default: 512 },
      dim: { description: "Width of the projector's output.", type: 'integer', minimum: 1, default: 128 },
      temperature: {
        description: 'Divisor of the cosines. A lower temperature gives more weight to the nearest images.',
        type: 'number',
        exclusiveMinimum: 0,
        default: 0.5,
      },
    },
  },
  create: ({ hidden, dim, temperature }, { tf }): Method<Pair, Pair> => ({
    views: 2,
    projector: projector(hidden, dim),
    heads: {},
    online: (branch, [x1, x2]) => [branch.encode(x1!), branch.encode(x2!)],
    targets: ([z1, z2]) => [stopGradient(z1), stopGradient(z2)],
    loss([z1, z2], [target1, target2]) {
      const first = contrast(tf, z1, { positives: target2, others: target1, temperature });
      const second = contrast(tf, z2, { positives: target1, others: target2, temperature });
      return tf.div(tf.add(first, second), 2);
    },
    features: ([z1]) => z1,
  }),
});

export const plugins = [method];

interface Contrast {
  /** The other views of the same images, in the same order, [N,D]. */
  readonly positives: Tensor2D;
  /** The same views of all images, [N,D]; each image is excluded from its own candidates. */
  readonly others: Tensor2D;
  readonly temperature: number;
}

/** Equation 1 of the paper, averaged over the batch, for anchors z [N,D]: -log of the positive's share among 2N - 1 candidates. */
function contrast(tf: Tf, z: Tensor2D, { positives, others, temperature }: Contrast): Scalar {
  const anchors = normalized(tf, z);
  const similarities = (candidates: Tensor2D): Tensor2D =>
    tf.div(tf.matMul(anchors, normalized(tf, candidates), false, true), temperature);
  const same = tf.eye(z.shape[0]);
  const across = similarities(positives);
  const within = tf.sub(similarities(others), tf.mul(same, 1e9));
  const all = tf.logSumExp(tf.concat([across, within], 1), 1);
  return tf.mean<Scalar>(tf.sub(all, tf.sum(tf.mul(across, same), 1)));
}

function normalized(tf: Tf, x: Tensor2D): Tensor2D {
  // The bound under the root keeps the gradient finite at the zero vector.
  return tf.div(x, tf.sqrt(tf.maximum(tf.sum(tf.square(x), 1, true), 1e-16)));
}

/** Two layers. `nn.output` marks outputs that can be quantized: quantized branches include the projector. */
function projector(hidden: number, dim: number): Network {
  return {
    forward(nn, x) {
      x = nn.relu(nn.batchNorm(nn.linear(x, '0', { units: hidden, bias: false }), '1'));
      x = nn.output(x, '0');
      return nn.output(nn.linear(x, '3', { units: dim, bias: true }), '3');
    },
  };
}
