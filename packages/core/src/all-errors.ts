// What an error is, and every function that makes one, as `errors` of the public surface.
export * from './errors.js';
export * from './pipeline/file-errors.js';
export * from './pipeline/value-errors.js';
export * from './pipeline/composition-errors.js';
export * from './plugin/plugin-errors.js';
export * from './nn/nn-errors.js';
export * from './quantization/quantization-errors.js';
export * from './train/train-errors.js';
export * from './artifact/artifact-errors.js';
export * from './cli/cli-errors.js';
