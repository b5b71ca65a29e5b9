import assert from 'node:assert/strict';
import type { Tensor } from '@tensorflow/tfjs-core';
import { SsqlError } from '../../packages/core/src/errors.js';
import type { Range } from '../../packages/core/src/kinds/quantizer.js';
import { BROKEN } from './cases/all.js';
import { broken, errorOf, testBroken } from './run-broken.js';

describe(`${BROKEN.length} broken plugins`, function () {
  this.timeout(60_000);

  it('differ from valid ones, which run', async () => {
    const { error } = await errorOf();
    assert.equal(error, undefined, error instanceof Error ? error.stack : '');
  });

  for (const plugin of BROKEN) testBroken(plugin);

  // It is computed after the plugin's functions have returned, so its plugin is not known.
  it('with a wrong gradient of its own is an error of the gradient', async () => {
    const { error } = await errorOf(
      broken({
        title: 'has a gradient of another shape',
        kind: 'quantizer',
        says: /^/,
        make: (valid, tf) => ({ ...valid, fakeQuantize: (x: Tensor, { max }: Range) => tf.minimum(x, max) }),
      }),
    );
    assert.ok(error instanceof SsqlError);
    assert.equal(error.code, 'GRADIENT_FAILED');
    assert.match(error.message, /Error in gradient for op Minimum/);
    assert.match(error.details.hint ?? '', /customGradient/);
  });
});
