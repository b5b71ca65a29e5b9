import type { Mutation } from './mutation.js';

const FEATURES = ['train/evaluation-features > (tensorflow)'];
const FOLD = ['nn/fold'];
const COST = ['quantization/cost'];
const MIXED = ['train/mixed-precision > (tensorflow)'];
const evaluate = 'packages/core/src/evaluate/';
const stage = 'packages/plugins/src/stage/';

/** Frozen networks, their features and costs, and the stages that measure them. */
export const evaluationMutations: readonly Mutation[] = [
  {
    name: 'calibration takes the first images',
    file: `${evaluate}frozen-backbone.ts`,
    text: "permutation(dataset.train.size, random(seed, 'calibrate'))",
    replacement: 'Uint32Array.from({ length: dataset.train.size }, (_, index) => index)',
    tests: ['evaluate/calibration-images'],
  },
  {
    name: 'the last batch overwrites features with those of its padding',
    file: `${evaluate}features-in-one-pass.ts`,
    text: 'first + i < end ? first + i : 0',
    replacement: 'first + i < end ? 0 : first + i',
    tests: FEATURES,
  },
  {
    name: 'all precisions get the features of the first',
    file: `${evaluate}features-in-one-pass.ts`,
    text: 'await features[index]!.data()',
    replacement: 'await features[0]!.data()',
    tests: FEATURES,
  },
  {
    name: 'test features are those of training images',
    file: `${evaluate}features-in-one-pass.ts`,
    text: 'await featuresOf(frozen, passes, test,',
    replacement: 'await featuresOf(frozen, passes, train,',
    tests: FEATURES,
  },
  {
    name: 'compiled steps do not tell pins apart',
    file: `${evaluate}feature-steps.ts`,
    text: '[...pins.weights],\n        [...pins.activations],',
    replacement: '',
    tests: ['evaluate/feature-steps'],
  },
  {
    name: 'evaluation normalizes without epsilon',
    file: 'packages/core/src/nn/normalization.ts',
    text: 'tf.rsqrt(tf.add(variance, EPSILON))',
    replacement: 'tf.rsqrt(variance)',
    tests: ['torch/torch > resnet18', ...FOLD],
  },
  {
    name: 'a folded bias forgets the mean',
    file: 'packages/core/src/nn/fold.ts',
    text: 'tf.sub(before[bias] ?? 0, tensor(`${norm}.running_mean`))',
    replacement: 'tf.add(tf.zerosLike(tensor(`${norm}.running_mean`)), before[bias] ?? 0)',
    tests: FOLD,
  },
  {
    name: 'a batch norm folds into a layer that others read',
    file: 'packages/core/src/nn/fold.ts',
    text: '.every((follower) => follower === norm)',
    replacement: '.some((follower) => follower === norm)',
    tests: FOLD,
  },
  {
    name: 'a float number has 16 bits',
    file: `${evaluate}cost.ts`,
    text: "bits === 'float' ? 32 : bits",
    replacement: "bits === 'float' ? 16 : bits",
    tests: COST,
  },
  {
    name: 'sensitivities are not relative to the variance',
    file: `${evaluate}sensitivities.ts`,
    text: 'meanSquare(features, float) / variance',
    replacement: 'meanSquare(features, float)',
    tests: MIXED,
  },
  {
    name: 'a site is measured with all others quantized',
    file: `${evaluate}sensitivities.ts`,
    text: '{ ...pins, [operand]: others }',
    replacement: 'pins',
    tests: MIXED,
  },
  {
    name: 'an assignment may exceed its budget',
    file: `${evaluate}assign-bits.ts`,
    text: 'if (spent > budget)',
    replacement: 'if (spent > 2 * budget)',
    tests: MIXED,
  },
  {
    name: 'pins are assigned too',
    file: `${evaluate}sensitivities.ts`,
    text: 'all.filter((site) => !pins[operand].has(site))',
    replacement: 'all',
    tests: MIXED,
  },
  {
    name: 'the size counts each layer at the largest width',
    file: 'packages/plugins/src/assigner/assignment-program.ts',
    text: '[layer.parameters * bits, choiceOf(index, bits)]',
    replacement: '[layer.parameters * 8, choiceOf(index, bits)]',
    tests: ['plugins/integer-program'],
  },
  {
    name: 'bit operations ignore the bits of the input',
    file: 'packages/plugins/src/assigner/assignment-program.ts',
    text: '[macs * w * a, product(w, a)]',
    replacement: '[macs * w, product(w, a)]',
    tests: ['plugins/integer-program'],
  },
  {
    name: 'all neighbours have one vote',
    file: `${stage}vote.ts`,
    text: 'Math.exp((cosines[j]! - cosines[0]!) / temperature)',
    replacement: '1',
    tests: ['plugins/knn'],
  },
  {
    name: 'neighbours are by length as well',
    file: `${stage}nearest-indexes.ts`,
    text: 'tf.div(features, tf.maximum(lengths, 1e-12))',
    replacement: 'tf.div(features, tf.max(lengths))',
    tests: ['plugins/knn'],
  },
  {
    name: 'the head keeps no velocity',
    file: `${stage}train-head.ts`,
    text: 'weightsVelocity = tf.add(tf.mul(weightsVelocity, momentum), weightsGradient);',
    replacement: 'weightsVelocity = tf.add(tf.mul(weightsVelocity, 0), weightsGradient);',
    tests: ['plugins/train-head'],
  },
  {
    name: "the head's rate falls one epoch late",
    file: `${stage}train-head.ts`,
    text: 'epoch >= milestone',
    replacement: 'epoch > milestone',
    tests: ['plugins/train-head'],
  },
  {
    name: 'the head sees the images in one order',
    file: `${stage}train-head.ts`,
    text: "random(seed, 'linear-probe', epoch)",
    replacement: "random(seed, 'linear-probe', 0)",
    tests: ['plugins/train-head'],
  },
  {
    name: 'features are divided by their variance',
    file: `${stage}standardization.ts`,
    text: 'Math.sqrt(variance) + SMALLEST_DEVIATION',
    replacement: 'variance + SMALLEST_DEVIATION',
    tests: ['plugins/train-head'],
  },
  {
    name: 'the cross term counts once',
    file: `${stage}decomposition.ts`,
    text: 'sums.cross += 2 * quantization * contrastive;',
    replacement: 'sums.cross += quantization * contrastive;',
    tests: ['plugins/decomposition'],
  },
];
