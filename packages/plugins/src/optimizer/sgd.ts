import { definePlugin, SsqlError, type Optimizer } from '@ssql/core';
import picomatch from 'picomatch';
import { CLIP_NORM, clippingNorm } from './clip-norm.js';

/** Stochastic gradient descent with momentum, as PyTorch computes it: d = g + wd p, v = m v + d, p = p - lr v. */
export const sgd = definePlugin({
  kind: 'optimizer',
  name: 'sgd',
  summary: 'Stochastic gradient descent with momentum and weight decay, as in PyTorch.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      lr: {
        description: 'Base learning rate, which the schedule multiplies.',
        type: 'number',
        minimum: 0,
        default: 0.05,
      },
      momentum: {
        description: 'Factor on the velocity; 0 disables momentum.',
        type: 'number',
        minimum: 0,
        exclusiveMaximum: 1,
        default: 0.9,
      },
      weightDecay: {
        description: 'L2 penalty added to the gradient of every parameter, including batch norms and biases.',
        type: 'number',
        minimum: 0,
        default: 0,
      },
      lrScale: {
        description:
          'Factors on the learning rate, by glob of parameter names, such as { "predictor.*": 10 }. ' +
          'If several globs match, their factors multiply.',
        type: 'object',
        additionalProperties: { type: 'number', minimum: 0 },
        default: {},
      },
      clipNorm: CLIP_NORM,
    },
  },
  create({ lr, momentum, weightDecay, lrScale, clipNorm }, { tf }): Optimizer {
    const scales = Object.entries(lrScale).map(([glob, factor]) => ({ glob, matches: picomatch(glob), factor }));
    const scaleOf = (name: string): number =>
      scales.reduce((product, { matches, factor }) => (matches(name) ? product * factor : product), 1);
    return {
      learningRate: lr,
      slots: momentum === 0 ? [] : ['momentum'],
      ...clippingNorm(tf, clipNorm),
      check(parameters) {
        const unmatched = scales.find(({ matches }) => !parameters.some((name) => matches(name)));
        if (unmatched === undefined) return;
        throw parameterUnmatched(unmatched.glob, parameters);
      },
      update({ name, value, gradient, slots: [velocity] }, learningRate) {
        const decayed = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(value, weightDecay));
        const direction = velocity ? tf.add(tf.mul(velocity, momentum), decayed) : decayed;
        const scale = scaleOf(name);
        const rate = scale === 1 ? learningRate : tf.mul(learningRate, scale);
        return { value: tf.sub(value, tf.mul(direction, rate)), slots: velocity ? [direction] : [] };
      },
    };
  },
});

/**
 * A glob of `lrScale` matches no parameter, so it has no effect.
 * @remedy Write a glob that matches one of the listed parameters.
 */
function parameterUnmatched(glob: string, parameters: readonly string[]): SsqlError {
  return new SsqlError('PARAMETER_UNMATCHED', `sgd: lrScale \`${glob}\` matches no parameter.`, {
    hint: `Parameters: ${parameters.join(', ')}.`,
  });
}
