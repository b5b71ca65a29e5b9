import assert from 'node:assert/strict';
import { AUGMENTATIONS } from './cases/augmentation.js';
import { DATA } from './cases/data.js';
import { EVALUATION } from './cases/evaluation.js';
import { METHODS } from './cases/method.js';
import { NETWORKS } from './cases/networks.js';
import { ON_TENSORFLOW } from './cases/on-tensorflow.js';
import { QUANTIZATION } from './cases/quantization.js';
import { TRAINING } from './cases/training.js';
import { WRAPPERS } from './cases/wrapper.js';
import { errorOf, testBroken } from './run-broken.js';

const BROKEN = [
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

describe(`${BROKEN.length} broken plugins`, function () {
  this.timeout(60_000);

  it('differ from valid ones, which run', async () => {
    const { error } = await errorOf();
    assert.equal(error, undefined, error instanceof Error ? error.stack : '');
  });

  for (const plugin of BROKEN) testBroken(plugin);
});
