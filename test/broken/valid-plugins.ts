import type { Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { parseEvaluationPrecision } from '../../packages/core/src/quantization/evaluation-precision.js';
import type { Kind, PluginKinds } from '../../packages/core/src/kinds/kinds.js';
import { stopGradient } from '../../packages/core/src/engine/stop-gradient.js';
import type { Tf } from '../../packages/core/src/engine/engine.js';
import type { Split } from '../../packages/core/src/kinds/data.js';

/** A small valid product of each kind. Broken plugins are these with one change. */
export const VALID: { readonly [K in Kind]: (tf: Tf) => PluginKinds[K] } = {
  data: () => ({
    name: 'valid',
    classes: ['even', 'odd'],
    shape: [4, 4, 1],
    train: split(8),
    test: split(4),
    fingerprint: 'valid',
  }),
  augmentation: (tf) => ({
    prepare: (output) => ({
      output,
      draws: 2,
      draw: (random) => [random.uniform(), random.uniform()],
      apply: (images, drawn) => tf.add<Tensor4D>(images, tf.reshape(tf.mean(drawn, 1), [-1, 1, 1, 1])),
    }),
  }),
  backbone: () => ({
    forward(nn, x) {
      const y = nn.batchNorm(nn.conv2d(x, 'conv', { filters: 2, kernel: 2, stride: 2, padding: 0 }), 'norm');
      return nn.globalAveragePool(nn.output(y, 'conv'));
    },
  }),
  method: (tf) => ({
    views: 2,
    projector: { forward: (nn, x) => nn.linear(x, 'fc', { units: 3, bias: true }) },
    heads: { predictor: { forward: (nn, x) => nn.linear(x, 'fc', { units: 3, bias: true }) } },
    momentum: () => 0.9,
    memory: { center: { shape: [1, 3], initial: () => new Float32Array(3) } },
    online: (branch, [x]) => branch.head('predictor', branch.encode(x!)),
    targets: (_, { momentum, views, memory }) =>
      stopGradient(tf.sub(momentum.encode(views[1]!), memory['center'] as Tensor2D)),
    loss: (online, targets) => tf.mean<Scalar>(tf.square(tf.sub(online as Tensor2D, targets as Tensor2D))),
    nextMemory: (targets) => ({ center: tf.mean(targets as Tensor2D, 0, true) }),
    features: (online) => online as Tensor2D,
  }),
  wrapper: (tf) => ({
    precisions: 1,
    objective(method, branches, views) {
      const online = method.online(branches.float, views);
      const targets = method.targets(online);
      const quantized = method.loss(method.online(branches.quantized(0), views), targets);
      return { loss: tf.add(method.loss(online, targets), quantized), parts: { quantized }, online };
    },
  }),
  quantizer: (tf) => ({
    granularity: 'tensor',
    trainables: () => ({
      size: { shape: [], initial: (x) => tf.mean(tf.abs(x)) },
      offset: { shape: [1], initial: 0 },
    }),
    fakeQuantize: (x, { min, max }) => tf.add(x, stopGradient(tf.sub(tf.minimum(tf.maximum(x, min), max), x))),
  }),
  observer: (tf) => ({
    observe: (x) => ({ min: tf.min(x), max: tf.max(x) }),
    range: ({ min, max }) => ({ min: min!, max: max! }),
  }),
  sampler: () => ({
    per: 'epoch',
    draw: (_, { weights, activations }) => ({ weights: weights[0]!, activations: activations[0]! }),
  }),
  optimizer: (tf) => ({
    learningRate: 0.1,
    slots: ['velocity'],
    check: () => undefined,
    update({ value, gradient, slots: [velocity] }, rate) {
      const next = tf.add(tf.mul(velocity!, 0.9), gradient);
      return { value: tf.sub(value, tf.mul(next, rate)) as Tensor, slots: [next] };
    },
  }),
  schedule: () => ({ factor: () => 1 }),
  assigner: () => ({
    budget: 'bops',
    assign: () => ({ weights: new Map(), activations: new Map() }),
  }),
  stage: () => ({
    scope: 'run',
    async run({ features, record }) {
      const precisions = ['float', 'w4a4', 'mixed-w4a4'].map((text) => parseEvaluationPrecision(text)!);
      const [float] = await features(precisions);
      const value = float!.test.values[0]!;
      await record([{ stage: 'valid', precision: 'float', classifier: 'float', metric: 'first', value }]);
    },
  }),
  logger: () => ({
    open: async () => ({
      metrics: async () => undefined,
      evaluations: async () => undefined,
      close: async () => undefined,
    }),
  }),
};

function split(size: number): Split {
  const bytes = (index: number): number[] => Array.from({ length: 16 }, (_, pixel) => (37 * index + 11 * pixel) % 256);
  return {
    size,
    labels: Uint8Array.from({ length: size }, (_, index) => index % 2),
    read: async (indexes) => Uint8Array.from(Array.from(indexes).flatMap(bytes)),
  };
}
