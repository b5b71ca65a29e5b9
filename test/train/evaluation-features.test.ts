import assert from 'node:assert/strict';
import type { Split } from '@ssql/core';
import { evaluationFeatures } from '../../packages/core/src/train/evaluation-features.js';
import { assertGolden, readGolden, type Golden } from '../golden/golden.js';
import { PREFIX, recipe, toNhwc } from '../golden/recipe.js';
import { onEngines } from './engines.js';
import { goldenParameter, microComposition, microModel, OFFICIAL_PINS, tensorsOf } from './micro.js';

interface Case {
  readonly w_bit: number;
  readonly a_bit: number;
  readonly official_bit_config: boolean;
  readonly input: string;
  readonly features: Golden;
}

onEngines('features of a frozen encoder', (engine) => {
  for (const golden of readGolden<{ cases: Case[] }>('f_inference_micro.json').cases) {
    // In the official code pins override also what is float; ours leave float float.
    if (golden.w_bit === 0 && golden.official_bit_config) continue;
    const [weights, activations] = golden.w_bit === 0 ? (['float', 'float'] as const) : [golden.w_bit, golden.a_bit];
    const pins = golden.official_bit_config ? OFFICIAL_PINS : {};
    const title = `w${weights}a${activations}${golden.official_bit_config ? ', pinned' : ''} (golden f_inference_micro)`;

    it(title, async () => {
      const model = microModel(await microComposition(engine(), pins));
      const before = engine().memory().tensors;
      const state = tensorsOf(
        engine(),
        model.backboneDescription,
        (one) => goldenParameter(`param/encoder_q.${one.name}`, one),
        ({ name, shape, role }) =>
          recipe(`f/bn/${name}`, shape, role === 'mean' ? { scale: 0.1 } : { scale: 0.5, offset: 1 }),
      );
      const features = evaluationFeatures({
        engine: engine(),
        model,
        views: {
          shape: [32, 32, 3],
          parameters: 0,
          draw: () => new Float32Array(),
          apply: (images) => images,
          evaluate: (images) => images,
        },
        dataset: {
          name: 'golden',
          classes: ['a', 'b', 'c', 'd'],
          shape: [32, 32, 3],
          train: split('f/calib'),
          test: split(golden.input.slice(PREFIX.length)),
          fingerprint: '',
        },
        state,
        seed: 0,
        // Batches that do not divide the images: the observers go on, and the last batch is filled up.
        calibration: { samples: 4, batch: 3 },
        progress: async () => undefined,
      });
      const { train, test } = await features.at({ weights, activations });
      assert.equal(train.dimension, 8);
      assert.equal(train.values.length, 4 * 8);
      assertGolden({ shape: [4, 8], values: test.values }, golden.features, 2e-5, 'features');
      assert.equal((await features.at({ weights, activations })).test, test, 'computed once');
      features.dispose();
      await new Promise((resolve) => setImmediate(resolve));
      engine().tf.dispose(state);
      assert.equal(engine().memory().tensors, before);
    });
  }
});

/** Float images in the place of bytes. */
function split(name: string): Split {
  const { values } = toNhwc(recipe(name, [4, 3, 32, 32], { scale: 2 }));
  const size = 32 * 32 * 3;
  return {
    size: 4,
    labels: Uint8Array.of(0, 1, 2, 3),
    read: async (indexes) => {
      const images = Array.from(indexes, (index) => [...values.subarray(index * size, (index + 1) * size)]);
      return Float32Array.from(images.flat()) as unknown as Uint8Array;
    },
  };
}
