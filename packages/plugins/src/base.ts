/** What stands in a pipeline where it says nothing. `ssql print` shows it as defaults. */
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
 * The plugins that stand beside one under test where the base pipeline has none: what it needs gets the first of its kind, and methods are
 * also held to laws under the wrapper.
 */
export const companions = Object.freeze({
  backbone: { use: 'resnet18', with: {} },
  method: { use: 'simsiam', with: {} },
  optimizer: { use: 'sgd', with: {} },
  wrapper: { use: 'ssql', with: {} },
});
