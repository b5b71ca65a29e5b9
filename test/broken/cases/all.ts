import type { BrokenPlugin } from '../run-broken.js';
import { AUGMENTATIONS } from './augmentation.js';
import { DATA } from './data.js';
import { EVALUATION } from './evaluation.js';
import { METHODS } from './method.js';
import { NETWORKS } from './networks.js';
import { ON_TENSORFLOW } from './on-tensorflow.js';
import { QUANTIZATION } from './quantization.js';
import { TRAINING } from './training.js';
import { WRAPPERS } from './wrapper.js';

/** All of them. The pages of contracts list their titles by kind. */
export const BROKEN: readonly BrokenPlugin[] = [
  DATA,
  AUGMENTATIONS,
  NETWORKS,
  METHODS,
  WRAPPERS,
  QUANTIZATION,
  TRAINING,
  EVALUATION,
  ON_TENSORFLOW,
].flat();
