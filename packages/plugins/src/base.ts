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
