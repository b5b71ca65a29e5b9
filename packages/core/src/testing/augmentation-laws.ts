import assert from 'node:assert/strict';
import { assertClose, assertCompiles, assertFinite, assertNothingLeaked, assertReadsNothing } from './assertions.js';
import { COUNT, drawn, drawnBatch, imagesIn, prepared, type AugmentationLaw } from './augmentation-subject.js';

/** Values are allowed this much beyond [0, 1], and between computations of the same. */
const NOISE = 1e-5;
/** Samples that draws are looked at for. */
const SAMPLES = 200;
/** Samples that are looked at one by one: enough for one in five to be among them. */
const SINGLES = 4 * COUNT;
/** Batches of COUNT samples that values are looked at in. */
const BATCHES = 8;

/** What holds for every augmentation. */
export const AUGMENTATION_LAWS: readonly AugmentationLaw[] = Object.freeze<AugmentationLaw[]>([
  {
    name: 'its images have the shape that it promises',
    check(subject) {
      const one = prepared(subject);
      const output = one.apply(imagesIn(subject), drawnBatch(subject, one));
      assert.deepEqual(
        output.shape,
        [COUNT, ...one.output],
        `[${output.shape.join()}] of the promised [N,${one.output.join()}]`,
      );
      assert.equal(output.dtype, 'float32');
    },
  },
  {
    name: 'it draws as many numbers as it says',
    check(subject) {
      const one = prepared(subject);
      const counts = Number.isInteger(one.draws) && one.draws >= 0;
      assert.ok(counts, `${one.draws} draws`);
      for (let sample = 0; sample < SAMPLES; sample++) {
        const numbers = drawn(one, sample);
        assert.equal(numbers.length, one.draws, `sample ${sample} draws ${numbers.length} of ${one.draws} numbers`);
        assertFinite(numbers, `what sample ${sample} draws`);
      }
    },
  },
  {
    name: 'its draw is a function of the random stream',
    check(subject) {
      const one = prepared(subject);
      for (let sample = 0; sample < SAMPLES; sample++)
        assert.deepEqual(
          drawn(one, sample),
          drawn(one, sample),
          `sample ${sample} draws other numbers the second time`,
        );
    },
  },
  {
    name: 'it draws other numbers for other samples',
    check(subject) {
      const one = prepared(subject);
      const draws = Array.from({ length: SAMPLES }, (_, sample) => drawn(one, sample).join());
      const varied = one.draws === 0 || new Set(draws).size > 1;
      assert.ok(varied, `${SAMPLES} samples all draw [${draws[0]}]`);
    },
  },
  {
    name: 'its images are a function of images and parameters',
    check(subject) {
      const [one, images] = [prepared(subject), imagesIn(subject)];
      const before = Float32Array.from(images.dataSync());
      const [parameters, others] = [drawnBatch(subject, one), drawnBatch(subject, one, COUNT)];
      const apply = () => one.apply(images, parameters).dataSync();
      const first = apply();
      assert.deepEqual(apply(), first, 'the second time the images are others');
      one.apply(images, others);
      assert.deepEqual(apply(), first, 'after other parameters the images are others');
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
    name: 'each image is for itself',
    check(subject) {
      const { tf } = subject.engine;
      const [one, images] = [prepared(subject), imagesIn(subject)];
      for (let first = 0; first < SINGLES; first += COUNT) {
        const parameters = drawnBatch(subject, one, first);
        const batch = one.apply(images, parameters);
        for (let index = 0; index < COUNT; index++) {
          const alone = one.apply(tf.slice(images, index, 1), tf.slice(parameters, index, 1));
          const row = tf.slice(batch, index, 1).dataSync();
          assertClose(alone.dataSync(), row, NOISE, `image ${index} alone, against it in a batch`);
        }
      }
    },
  },
  {
    name: 'with p: 0 it changes nothing',
    options: { p: 0 },
    concerns: ({ options }) => 'p' in options.properties,
    check(subject) {
      const [one, images] = [prepared(subject), imagesIn(subject)];
      const output = one.apply(images, drawnBatch(subject, one));
      assertClose(output.dataSync(), images.dataSync(), NOISE, 'an image with p: 0');
    },
  },
  {
    name: 'in evaluation, where it says that it is applied, it draws nothing',
    check(subject) {
      const { evaluation = false, draws } = prepared(subject);
      assert.equal(typeof evaluation, 'boolean', `\`evaluation\` is ${String(evaluation)}`);
      assert.ok(!evaluation || draws === 0, `evaluation has no random numbers, but it draws ${draws}`);
    },
  },
  {
    name: 'it leaks no tensor',
    check(subject) {
      const [one, images] = [prepared(subject), imagesIn(subject)];
      const parameters = drawnBatch(subject, one);
      assertNothingLeaked(subject.engine, { images, parameters }, () => one.apply(images, parameters));
    },
  },
  {
    name: 'it reads no values on the host',
    check(subject) {
      const [one, images] = [prepared(subject), imagesIn(subject)];
      const parameters = drawnBatch(subject, one);
      assertReadsNothing(subject.engine.tf, () => one.apply(images, parameters));
    },
  },
  {
    name: 'compiled, it does the same as eagerly',
    engine: 'tensorflow',
    check(subject) {
      const [one, images] = [prepared(subject), imagesIn(subject)];
      const inputsOf = (first: number) => ({ images, parameters: drawnBatch(subject, one, first) });
      const step = ({ images, parameters }: ReturnType<typeof inputsOf>) => ({ images: one.apply(images, parameters) });
      assertCompiles(subject.engine, step, [inputsOf(0), inputsOf(COUNT), inputsOf(2 * COUNT)], NOISE);
    },
  },
]);

function eachBatch(
  subject: Parameters<AugmentationLaw['check']>[0],
  check: (values: Float32Array | Int32Array | Uint8Array) => void,
): void {
  const [one, images] = [prepared(subject), imagesIn(subject)];
  for (let batch = 0; batch < BATCHES; batch++)
    check(one.apply(images, drawnBatch(subject, one, batch * COUNT)).dataSync());
}
