import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type { ImageShape } from '@ssql/core';
import { plugins } from '../../packages/plugins/src/index.js';
import { scripted } from '../parity/augmentations.js';
import { onCpu } from '../plugins/context.js';
import { make } from '../plugins/make-plugin.js';

interface Case {
  readonly operation: string;
  readonly options?: { readonly [name: string]: unknown };
  /** What is drawn, in the order of our draws. */
  readonly draws?: readonly number[];
  /** Operations of RandAugment. */
  readonly names?: readonly string[];
  readonly shape: readonly number[];
  /** In units of 1e-5. */
  readonly output: readonly number[];
  /** Of another image than the file's, times a factor. */
  readonly input?: ImageShape;
  readonly factor?: number;
  /** Values above become this. */
  readonly most?: number;
}

interface Reference {
  readonly input: ImageShape;
  readonly cases: readonly Case[];
}

const TOLERANCE = 1e-4;

/** Each has cases. */
const OPERATIONS = ['vertical-flip', 'random-crop', 'random-affine', 'rand-augment'];

describe('augmentations against the operations of torchvision', () => {
  onCpu();
  const { input, cases } = JSON.parse(
    readFileSync(new URL('augmentations.json', import.meta.url), 'utf8'),
  ) as Reference;

  for (const name of OPERATIONS)
    it(name, async () => {
      const plugin = plugins.find((plugin) => plugin.kind === 'augmentation' && plugin.name === name);
      const concerned = cases.filter(({ operation }) => operation === name);
      assert.ok(plugin && concerned.length > 0);
      for (const {
        options,
        draws = [0],
        names,
        shape,
        output,
        input: size = input,
        factor = 1,
        most = 1,
      } of concerned) {
        const what = `${name} ${JSON.stringify({ ...options, names, draws })}`;
        const prepared = (await make<'augmentation'>(plugin as never, options)).prepare(size);
        const row = prepared.draw(scripted(...draws));
        // The second image is of one value: samples of a batch must not mix.
        const images = tf.concat([imageOf(size, factor, most), tf.fill([1, ...size], 0.5)]) as tf.Tensor4D;
        const made = prepared.apply(images, tf.tensor2d([...row, ...row], [2, row.length]));
        assert.deepEqual(made.shape, [2, ...shape], what);
        const values = made.dataSync();
        const distance = Math.max(...output.map((value, at) => Math.abs(value * 1e-5 - values[at]!)));
        assert.ok(distance <= TOLERANCE, `${what}: ${distance}`);
      }
    });
});

/** The image of augmentations.py. */
function imageOf(shape: ImageShape, factor: number, most: number): tf.Tensor4D {
  const values = Float32Array.from(
    { length: shape[0] * shape[1] * shape[2] },
    (_, i) => (((i * i * 7 + i * 31) % 251) + (i % 5)) / 255,
  );
  return tf.minimum(tf.mul(tf.tensor4d(values, [1, ...shape]), factor), most);
}
