import { definePlugin, stopGradient, type Method, type Network } from '@ssql/core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { covariance, invariance, variance } from './terms.js';

/** The embeddings [N,D] of the two views. */
type Pair = readonly [Tensor2D, Tensor2D];

/**
 * VICReg (Bardes, Ponce, LeCun: arXiv 2105.04906). It pulls the two embeddings of an image together (invariance), and keeps their variables
 * spread out (variance) and uncorrelated (covariance).
 *
 * In the paper no gradient is stopped: s(Z, Z') trains both sides. Here the targets of a view are the embeddings of the other view as
 * constants, and s is computed once for each view,
 *
 *     lambda [s(Z, sg Z') + s(Z', sg Z)] + mu [v(Z) + v(Z')] + nu [c(Z) + c(Z')],
 *
 * The gradient is exactly that of the paper, because the derivative of a squared distance with respect to one side does not depend on whether
 * the other side is trained. Only the value counts s twice. So wrappers can compare other embeddings with these targets, without moving
 * the targets towards them. Variance and covariance are those of the compared embeddings only.
 */
export const vicreg = definePlugin({
  kind: 'method',
  name: 'vicreg',
  title: 'VICReg',
  summary: 'Pulls the embeddings of two views together, and keeps their variables spread out and uncorrelated.',
  paper: 'https://arxiv.org/abs/2105.04906',
  core: '^0.1.0',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      dim: { description: 'Width of the expander and of its output.', type: 'integer', minimum: 1, default: 8192 },
      invariance: { description: 'Weight of the invariance term (lambda).', type: 'number', minimum: 0, default: 25 },
      variance: { description: 'Weight of the variance term (mu).', type: 'number', minimum: 0, default: 25 },
      covariance: { description: 'Weight of the covariance term (nu).', type: 'number', minimum: 0, default: 1 },
    },
  },
  create: ({ dim, invariance: lambda, variance: mu, covariance: nu }, { tf }): Method<Pair, Pair> => ({
    views: 2,
    projector: expander(dim),
    heads: {},
    online: (branch, [x1, x2]) => [branch.encode(x1!), branch.encode(x2!)],
    targets: ([z1, z2]) => [stopGradient(z2), stopGradient(z1)],
    loss([z1, z2], [target1, target2]) {
      const s = tf.add(invariance(tf, z1, target1), invariance(tf, z2, target2));
      const v = tf.add(variance(tf, z1), variance(tf, z2));
      const c = tf.add(covariance(tf, z1), covariance(tf, z2));
      return tf.addN<Scalar>([tf.mul<Scalar>(s, lambda), tf.mul<Scalar>(v, mu), tf.mul<Scalar>(c, nu)]);
    },
    features: ([z1]) => z1,
  }),
});

/** Three layers; the last is linear and has no batch norm, so that the variance term measures the actual spread. */
function expander(dim: number): Network {
  return {
    forward(nn, x) {
      x = nn.relu(nn.batchNorm(nn.linear(x, '0', { units: dim, bias: false }), '1'));
      x = nn.output(x, '0');
      x = nn.relu(nn.batchNorm(nn.linear(x, '3', { units: dim, bias: false }), '4'));
      x = nn.output(x, '3');
      x = nn.linear(x, '6', { units: dim, bias: false });
      return nn.output(x, '6');
    },
  };
}
