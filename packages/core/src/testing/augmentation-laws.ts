import assert from 'node:assert/strict';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { assertClose, assertCompiles, assertFinite, assertNothingLeaked, assertReadsNothing } from './assertions.js';
import { COUNT, drawn, drawnBatch, imagesIn, prepared, type AugmentationLaw } from './augmentation-subject.js';

/** Values may exceed [0, 1] by this much, and repeated computations may differ by this much. */
const NOISE = 1e-5;
/** Values that differ by this much are seen. */
const VISIBLE = 0.1;
/** Samples whose draws are checked. */
const SAMPLES = 200;
/** Samples that are checked one by one: enough to include something that happens to one sample in five. */
const SINGLES = 4 * COUNT;
/** Batches of COUNT samples whose values are checked. */
const BATCHES = 8;

/** Laws of every augmentation. */
export const AUGMENTATION_LAWS: readonly AugmentationLaw[] = Object.freeze<AugmentationLaw[]>([
  {
    name: 'its images have the declared shape',
    check(subject) {
      const augmentation = prepared(subject);
      const output = augmentation.apply(imagesIn(subject), drawnBatch(subject, augmentation));
      assert.deepEqual(
        output.shape,
        [COUNT, ...augmentation.output],
        `the shape is [${output.shape.join()}]; expected [N,${augmentation.output.join()}]`,
      );
      assert.equal(output.dtype, 'float32');
    },
  },
  {
    name: 'it draws as many numbers as it declares',
    check(subject) {
      const augmentation = prepared(subject);
      const counts = Number.isInteger(augmentation.draws) && augmentation.draws >= 0;
      assert.ok(counts, `\`draws\` is ${augmentation.draws}; expected a whole number`);
      for (let sample = 0; sample < SAMPLES; sample++) {
        const numbers = drawn(augmentation, sample);
        assert.equal(
          numbers.length,
          augmentation.draws,
          `sample ${sample} draws ${numbers.length} numbers; expected ${augmentation.draws}`,
        );
        assertFinite(numbers, `a draw of sample ${sample}`);
      }
    },
  },
  {
    name: 'its draw is a function of the random stream',
    check(subject) {
      const augmentation = prepared(subject);
      for (let sample = 0; sample < SAMPLES; sample++)
        assert.deepEqual(
          drawn(augmentation, sample),
          drawn(augmentation, sample),
          `sample ${sample} draws different numbers the second time`,
        );
    },
  },
  {
    name: 'it draws different numbers for different samples',
    check(subject) {
      const augmentation = prepared(subject);
      const draws = Array.from({ length: SAMPLES }, (_, sample) => drawn(augmentation, sample).join());
      const varied = augmentation.draws === 0 || new Set(draws).size > 1;
      assert.ok(varied, `${SAMPLES} samples all draw [${draws[0]}]`);
    },
  },
  {
    name: 'its output depends only on images and draws',
    check(subject) {
      const [augmentation, images] = [prepared(subject), imagesIn(subject)];
      const before = Float32Array.from(images.dataSync());
      const [draws, others] = [drawnBatch(subject, augmentation), drawnBatch(subject, augmentation, COUNT)];
      const apply = () => augmentation.apply(images, draws).dataSync();
      const first = apply();
      assert.deepEqual(apply(), first, 'the images differ the second time');
      augmentation.apply(images, others);
      assert.deepEqual(apply(), first, 'the images differ after a call with other draws');
      assert.deepEqual(Float32Array.from(images.dataSync()), before, 'its input changes');
    },
  },
  {
    name: 'its images are finite',
    check: (subject) => eachBatch(subject, (values) => assertFinite(values, 'a value')),
  },
  {
    name: 'images in [0, 1] stay there',
    check: (subject) =>
      eachBatch(subject, (values) => {
        const outside = values.find((value) => value < -NOISE || value > 1 + NOISE);
        assert.equal(outside, undefined, `a value becomes ${outside}`);
      }),
  },
  {
    name: 'each image is processed independently',
    check(subject) {
      const { tf } = subject.engine;
      const [augmentation, images] = [prepared(subject), imagesIn(subject)];
      for (let first = 0; first < SINGLES; first += COUNT) {
        const draws = drawnBatch(subject, augmentation, first);
        const batch = augmentation.apply(images, draws);
        for (let index = 0; index < COUNT; index++) {
          const alone = augmentation.apply(tf.slice(images, index, 1), tf.slice(draws, index, 1));
          const row = tf.slice(batch, index, 1).dataSync();
          assertClose(alone.dataSync(), row, NOISE, `image ${index} alone, compared with its row of a batch`);
        }
      }
    },
  },
  {
    name: 'with p: 0 it changes nothing',
    options: { p: 0 },
    concerns: ({ options }) => 'p' in options.properties,
    check(subject) {
      const [augmentation, images] = [prepared(subject), imagesIn(subject)];
      const output = augmentation.apply(images, drawnBatch(subject, augmentation));
      assertClose(output.dataSync(), images.dataSync(), NOISE, 'an image with p: 0');
    },
  },
  {
    name: 'it draws nothing if evaluation applies it',
    check(subject) {
      const { evaluation = false, draws } = prepared(subject);
      assert.equal(typeof evaluation, 'boolean', `\`evaluation\` is ${String(evaluation)}`);
      assert.ok(!evaluation || draws === 0, `evaluation has no random numbers, but \`draws\` is ${draws}`);
    },
  },
  {
    name: 'it describes what its numbers do, in one line',
    check(subject) {
      const { tf } = subject.engine;
      const augmentation = prepared(subject);
      const { describe } = augmentation;
      if (describe === undefined) return;
      const image = tf.slice(imagesIn(subject), COUNT - 1, 1);
      const first = drawn(augmentation, 0);
      const outputOf = (numbers: readonly number[]): Tensor4D =>
        augmentation.apply(image, tf.tensor2d([...numbers], [1, augmentation.draws]));
      const reference = outputOf(first);
      const texts = new Set([describe(first)]);
      let differs = false;
      for (let sample = 1; sample < SINGLES; sample++) {
        const numbers = drawn(augmentation, sample);
        texts.add(describe(numbers));
        differs ||= tf.max(tf.abs(tf.sub(outputOf(numbers), reference))).dataSync()[0]! > VISIBLE;
      }
      for (const text of texts) assert.match(text, /^.+$/, `it describes numbers as ${JSON.stringify(text)}`);
      assert.ok(!differs || texts.size > 1, `it describes different images alike: ${[...texts].join()}`);
    },
  },
  {
    name: 'it leaks no tensor',
    check(subject) {
      const [augmentation, images] = [prepared(subject), imagesIn(subject)];
      const draws = drawnBatch(subject, augmentation);
      assertNothingLeaked(subject.engine, { images, draws }, () => augmentation.apply(images, draws));
    },
  },
  {
    name: 'it reads no values on the host',
    check(subject) {
      const [augmentation, images] = [prepared(subject), imagesIn(subject)];
      const draws = drawnBatch(subject, augmentation);
      assertReadsNothing(subject.engine.tf, () => augmentation.apply(images, draws));
    },
  },
  {
    name: 'compiled, it agrees with eager execution',
    engine: 'tensorflow',
    check(subject) {
      const [augmentation, images] = [prepared(subject), imagesIn(subject)];
      const inputsOf = (first: number) => ({ images, draws: drawnBatch(subject, augmentation, first) });
      const step = ({ images, draws }: ReturnType<typeof inputsOf>) => ({
        images: augmentation.apply(images, draws),
      });
      assertCompiles(subject.engine, step, [inputsOf(0), inputsOf(COUNT), inputsOf(2 * COUNT)], NOISE);
    },
  },
]);

function eachBatch(
  subject: Parameters<AugmentationLaw['check']>[0],
  check: (values: Float32Array | Int32Array | Uint8Array) => void,
): void {
  const [augmentation, images] = [prepared(subject), imagesIn(subject)];
  for (let batch = 0; batch < BATCHES; batch++)
    check(augmentation.apply(images, drawnBatch(subject, augmentation, batch * COUNT)).dataSync());
}
