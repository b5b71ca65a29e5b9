import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { StepValues, TargetContext } from '@ssql/core';
import assert from 'node:assert/strict';
import { composedOps } from '../../packages/core/src/engine/composed-ops.js';
import { createRequire } from 'node:module';
import type { HostTensor } from '../golden/recipe.js';

// By require, for the module imports folders, which Node's ES modules refuse. The registry of gradients is global.
createRequire(import.meta.url)('@tensorflow/tfjs-core/dist/register_all_gradients.js');

/** What a plugin is created with in a test: tfjs on its plain JavaScript backend. */
export const context = { tf, ops: composedOps(), folder: '', seed: 0, needs: {} } as const;

/** What a method that declares no scalars and no draws gets. */
export const noValues: StepValues = { scalars: {}, draws: {} };

/** What the targets of a method with no momentum encoder and no memory are made of, besides its outputs. */
export const noContext: TargetContext = {
  views: [],
  memory: {},
  ...noValues,
  momentum: {
    encode: () => assert.fail('it has no momentum encoder'),
    head: () => assert.fail('it has no momentum encoder'),
  },
};

/** A host tensor as a tfjs tensor. */
export function toTensor({ shape, values }: HostTensor): tf.Tensor {
  return tf.tensor(values, [...shape], 'float32');
}

/** A float tensor's shape and values. */
export function toHost(tensor: tf.Tensor): HostTensor {
  return { shape: tensor.shape, values: Float32Array.from(tensor.dataSync()) };
}

/** Within `describe`: its tests run on tfjs's plain JavaScript backend, whatever other files chose. */
export function onCpu(): void {
  before(() => tf.setBackend('cpu'));
}
