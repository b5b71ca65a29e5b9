/** Defaults of a pipeline. `ssql print` marks them as such. */
export const base = Object.freeze({
  quantization: {
    wrap: { use: 'none', with: {} },
    weights: {
      quantizer: { use: 'uniform', with: { symmetric: true, granularity: 'channel' } },
      observer: { use: 'minmax', with: {} },
    },
    activations: {
      quantizer: { use: 'uniform', with: { symmetric: false, granularity: 'tensor' } },
      observer: { use: 'minmax', with: {} },
    },
    sampler: { use: 'uniform', with: {} },
  },
  schedule: { use: 'cosine', with: {} },
  evaluation: { assigner: { use: 'integer-program', with: {} } },
  loggers: [{ use: 'tensorboard', with: {} }],
});

/**
 * Plugins that complete the pipeline of a plugin under test, for kinds without a default. Methods are also tested under this wrapper.
 */
export const companions = Object.freeze({
  backbone: { use: 'resnet18', with: {} },
  method: { use: 'simsiam', with: {} },
  optimizer: { use: 'sgd', with: {} },
  wrapper: { use: 'ssql', with: {} },
});

/** A pipeline that editors offer in an empty file. */
export const example = Object.freeze({
  label: 'pipeline',
  description: 'SimSiam and SSQL-SimSiam on handwritten digits.',
  body: {
    name: '${1:experiment}',
    seed: 1,
    data: 'digits',
    augment: ['random-warp', { use: 'normalize', with: { mean: [0.1307], std: [0.3081] } }],
    backbone: { use: 'resnet18', with: { stem: 'cifar', stemStride: 2, width: 8, blocks: [1, 1] } },
    method: { use: 'simsiam', with: { dim: 64, predictorHidden: 64 } },
    optimizer: { use: 'sgd', with: { lr: 0.2 } },
    train: { epochs: 10, batch: 64 },
    stages: [{ use: 'linear-probe', with: { precisions: ['float', 'w4a4', 'w2a4'] } }, 'report'],
    matrix: { 'quantization.wrap': ['none', 'ssql'] },
  },
});
