import { definePlugin, type Method, type Network } from '@ssql/core';
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { swappedPrediction } from '../losses/swapped-prediction.js';
import { geluProjector, unitOutputs } from './heads.js';
import { risingMomentum } from './rising-momentum.js';

/** Features z of the first view, and logits of all views [N,K]. */
interface Online {
  readonly z: Tensor2D;
  readonly logits: readonly Tensor2D[];
}

interface Targets {
  /** Distributions of the first two views, [N,K]. */
  readonly distributions: readonly Tensor2D[];
  /** The mean of the teacher's logits, [K]. */
  readonly mean: Tensor1D;
}

/**
 * A student predicts the outputs of a teacher, its momentum encoder, for the first two views from every other view. Further views are for
 * the student only, as in multi-crop. The teacher's logits are centered by their mean over the last batches.
 */
export const dino = definePlugin({
  kind: 'method',
  name: 'dino',
  title: 'DINO',
  summary:
    'From each view, a student predicts the centered and sharpened output of a momentum teacher for another view.',
  paper: 'https://arxiv.org/abs/2104.14294',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      dim: {
        description: "Width of the projector's output, the bottleneck.",
        type: 'integer',
        minimum: 1,
        default: 256,
      },
      hidden: {
        description: "Width of the projector's two hidden layers.",
        type: 'integer',
        minimum: 1,
        default: 2048,
      },
      norm: {
        description: "Batch norms in the projector, which the paper's code offers for networks with batch norms.",
        type: 'boolean',
        default: false,
      },
      prototypes: { description: 'Width of the last layer (K).', type: 'integer', minimum: 2, default: 65536 },
      temperature: {
        description: "Divisor of the student's logits.",
        type: 'number',
        exclusiveMinimum: 0,
        default: 0.1,
      },
      teacherTemperature: {
        description: "Divisor of the teacher's logits after the warm-up.",
        type: 'number',
        exclusiveMinimum: 0,
        default: 0.07,
      },
      warmupTemperature: {
        description: "Divisor of the teacher's logits in the first epoch.",
        type: 'number',
        exclusiveMinimum: 0,
        default: 0.04,
      },
      warmupEpochs: {
        description: "Epochs in which the teacher's temperature changes linearly.",
        type: 'integer',
        minimum: 0,
        default: 30,
      },
      momentum: {
        description: 'Share of the teacher that the first step keeps; it rises to 1 by the end of training.',
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0.996,
      },
      centerMomentum: {
        description: 'Share of the center that a step keeps.',
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0.9,
      },
      freezeEpochs: {
        description: 'Epochs at the start of training in which the last layer is frozen.',
        type: 'integer',
        minimum: 0,
        default: 1,
      },
    },
  },
  create: (options, { tf }): Method<Online, Targets> => ({
    views: { global: 2, local: 'any' },
    projector: unitOutputs(geluProjector({ layers: 3, hidden: options.hidden, dim: options.dim, norm: options.norm })),
    heads: { prototypes: lastLayer(options.prototypes) },
    momentum: (at) => risingMomentum(options.momentum, at),
    momentumHeads: ['prototypes'],
    memory: { center: { shape: [options.prototypes], initial: () => new Float32Array(options.prototypes) } },
    scalars: ({ epoch }) => ({ teacherTemperature: warmedUp(options, epoch) }),
    frozen: { prototypes: ({ epoch }) => epoch < options.freezeEpochs },
    online(branch, views) {
      const features = views.map((view) => branch.encode(view));
      return { z: features[0]!, logits: features.map((z) => branch.head('prototypes', z)) };
    },
    targets(_, { views, momentum: teacher, memory, scalars }) {
      const logits = views.slice(0, 2).map((view) => teacher.head('prototypes', teacher.encode(view)));
      const sharpened = (view: Tensor): Tensor2D =>
        tf.div(tf.sub(view, memory['center']!), scalars['teacherTemperature']!);
      return {
        distributions: logits.map((view) => tf.softmax(sharpened(view))),
        mean: tf.mean(tf.concat(logits, 0), 0),
      };
    },
    nextMemory: ({ mean }, { center }) => ({
      center: tf.add(tf.mul(center!, options.centerMomentum), tf.mul(mean, 1 - options.centerMomentum)),
    }),
    loss: ({ logits }, { distributions }): Scalar =>
      swappedPrediction(
        tf,
        logits.map((view) => tf.div(view, options.temperature)),
        distributions,
      ),
    features: ({ z }) => z,
  }),
});

function lastLayer(units: number): Network {
  return { forward: (nn, z) => nn.weightNormLinear(z, '0', { units }) };
}

interface WarmUp {
  readonly teacherTemperature: number;
  readonly warmupTemperature: number;
  readonly warmupEpochs: number;
}

/** The teacher's temperature: evenly spaced over the epochs of the warm-up, as in the paper's code, then constant. */
function warmedUp({ teacherTemperature, warmupTemperature, warmupEpochs }: WarmUp, epoch: number): number {
  if (epoch >= warmupEpochs) return teacherTemperature;
  if (warmupEpochs === 1) return warmupTemperature;
  return warmupTemperature + ((teacherTemperature - warmupTemperature) * epoch) / (warmupEpochs - 1);
}
