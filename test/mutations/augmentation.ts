import type { Mutation } from './mutation.js';

const DRAWN = ['plugins/drawn-parameters'];
const IMAGES = ['plugins/augmentation'];
const folder = 'packages/plugins/src/augmentation/';

/** What augmentations draw and do. */
export const augmentationMutations: readonly Mutation[] = [
  {
    name: 'the range of hue is doubled',
    file: `${folder}color-jitter.ts`,
    text: 'random.between(-strengths.hue, strengths.hue)',
    replacement: 'random.between(-2 * strengths.hue, 2 * strengths.hue)',
    tests: DRAWN,
  },
  {
    name: 'the jitter only makes more of each',
    file: `${folder}color-jitter.ts`,
    text: 'random.between(Math.max(0, 1 - strengths[change]), 1 + strengths[change])',
    replacement: 'random.between(1, 1 + strengths[change])',
    tests: DRAWN,
  },
  {
    name: 'the jitter keeps its order',
    file: `${folder}color-jitter.ts`,
    text: 'of permutation(changes.length, random)',
    replacement: 'of changes.keys()',
    tests: DRAWN,
  },
  {
    name: 'contrast moves towards the gray image, not its mean',
    file: `${folder}color-jitter.ts`,
    text: "change === 'saturation' ? rest : 0, change === 'contrast' ? rest : 0",
    replacement: "change === 'contrast' ? rest : 0, change === 'saturation' ? rest : 0",
    tests: DRAWN,
  },
  {
    name: 'images are jittered with the probability 1 - p',
    file: `${folder}color-jitter.ts`,
    text: 'random.uniform() < p ? draw(random) : unchanged',
    replacement: 'random.uniform() >= p ? draw(random) : unchanged',
    tests: DRAWN,
  },
  {
    name: 'hue turns six times as far',
    file: `${folder}color-jitter.ts`,
    text: 'tf.mul(turns, 6)',
    replacement: 'tf.mul(turns, 36)',
    tests: IMAGES,
  },
  {
    name: 'the rotation is doubled',
    file: `${folder}random-warp.ts`,
    text: 'random.between(-ranges.rotation, ranges.rotation) * Math.PI) / 180',
    replacement: 'random.between(-ranges.rotation, ranges.rotation) * Math.PI) / 90',
    tests: DRAWN,
  },
  {
    name: 'the shear has one sign',
    file: `${folder}random-warp.ts`,
    text: 'random.between(-ranges.shear, ranges.shear)',
    replacement: 'random.between(0, ranges.shear)',
    tests: DRAWN,
  },
  {
    name: 'the aspect is drawn uniformly',
    file: `${folder}random-resized-crop.ts`,
    text: 'Math.exp(random.between(Math.log(ratio[0]), Math.log(ratio[1])))',
    replacement: 'random.between(...ratio)',
    tests: DRAWN,
  },
  {
    name: 'the scale is that of the side',
    file: `${folder}random-resized-crop.ts`,
    text: 'height * width * random.between(...scale)',
    replacement: 'height * width * random.between(...scale) ** 2',
    tests: DRAWN,
  },
  {
    name: 'crops never touch the lower edge',
    file: `${folder}random-resized-crop.ts`,
    text: 'random.integer(height - boxHeight + 1)',
    replacement: 'random.integer(Math.max(1, height - boxHeight))',
    tests: DRAWN,
  },
  {
    name: 'crops that do not fit are cut',
    file: `${folder}random-resized-crop.ts`,
    text: 'const boxWidth = Math.round(Math.sqrt(area * aspect));\n    const boxHeight = Math.round(Math.sqrt(area / aspect));',
    replacement:
      'const boxWidth = Math.min(width, Math.round(Math.sqrt(area * aspect)));\n    const boxHeight = Math.min(height, Math.round(Math.sqrt(area / aspect)));',
    tests: DRAWN,
  },
  {
    name: 'brightness is only added',
    file: `${folder}brightness-contrast.ts`,
    text: 'random.between(-brightness, brightness)',
    replacement: 'random.between(0, brightness)',
    tests: DRAWN,
  },
  {
    name: 'rectangles are never of the largest size',
    file: `${folder}random-erasing.ts`,
    text: 'const boxHeight = low + random.integer(high - low + 1);',
    replacement: 'const boxHeight = low + random.integer(high - low);',
    tests: DRAWN,
  },
  {
    name: 'the blur is always of the widest Gaussian',
    file: `${folder}gaussian-blur.ts`,
    text: 'random.between(...sigma)',
    replacement: 'sigma[1]',
    tests: DRAWN,
  },
  {
    name: 'images are flipped upside down',
    file: `${folder}horizontal-flip.ts`,
    text: 'tf.reverse(images, 2)',
    replacement: 'tf.reverse(images, 1)',
    tests: IMAGES,
  },
  {
    name: 'gray is the mean of the channels',
    file: `${folder}luma.ts`,
    text: '[0.2989, 0.587, 0.114]',
    replacement: '[1 / 3, 1 / 3, 1 / 3]',
    tests: IMAGES,
  },
  {
    name: 'resizing looks at the corners of pixels',
    file: `${folder}resizing.ts`,
    text: 'tf.mul(tf.add(outputs, 0.5), step)',
    replacement: 'tf.mul(outputs, step)',
    tests: IMAGES,
  },
  {
    name: 'weights of a choice are ignored',
    file: `${folder}one-of.ts`,
    text: 'chosen(weights, sum * random.uniform())',
    replacement: 'random.integer(of.length)',
    tests: DRAWN,
  },
];
