import type { Tensor4D } from '@tensorflow/tfjs-core';
import {
  definePlugin,
  permutation,
  random,
  type Augmentation,
  type RunStageContext,
  type ViewFeatures,
} from '@ssql/core';
import { cropCenter } from '../augmentation/center-crop.js';
import { resizeImages } from '../augmentation/resize.js';
import { linearHeads, type LinearHeads } from './linear-heads.js';
import { drawMixing, MIXES, mixViews, type Mixing } from './mixing.js';
import { percent } from './percent.js';
import { evaluationPrecisionsOption } from './precisions-option.js';
import { checkMilestones, MOMENTUM, WEIGHT_DECAY } from './sgd-options.js';
import { probeDiverged } from './probe-diverged.js';
import { readEvaluationPrecision } from './read-precision.js';

/**
 * Linear evaluation as in the paper's official code (golden README, "Linear evaluation"): a classifier is trained on augmented views, whose
 * features the frozen encoder computes anew each epoch at the precision. Ours differs where the official code says nothing or works on
 * 8-bit images: the classifier starts at normal(0, 0.01), an epoch's last, incomplete batch is dropped, and views are float images. Test images
 * are read cut at the centre, as always: their enlarged centre lies within.
 */
export const linearEvaluation = definePlugin({
  kind: 'stage',
  name: 'linear-evaluation',
  summary:
    "Trains a linear classifier on augmented views, whose features are computed anew each epoch, and measures its accuracy at each precision: the paper's protocol.",
  paper: 'Cao et al., Synergistic Self-supervised and Quantization Learning, 2022, section 4 (linear evaluation).',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['precisions'],
    properties: {
      precisions: evaluationPrecisionsOption,
      epochs: { type: 'integer', minimum: 1, default: 100, description: 'Number of passes over the training images.' },
      batch: {
        type: 'integer',
        minimum: 1,
        default: 512,
        description: 'Images per step. Activation ranges are calibrated on one augmented batch.',
      },
      lr: { type: 'number', exclusiveMinimum: 0, default: 30, description: 'Initial learning rate.' },
      momentum: MOMENTUM,
      milestones: {
        type: 'array',
        items: { type: 'integer', minimum: 1 },
        uniqueItems: true,
        description:
          "Epochs, counted from 0, at which the learning rate falls to a tenth. Default: after 60% and 80% of the epochs, the paper's 60 and 80 of 100.",
      },
      weightDecay: WEIGHT_DECAY,
      augment: {
        type: 'array',
        items: { plugin: 'augmentation', examples: ['horizontal-flip'] },
        default: [{ use: 'random-resized-crop', with: { scale: [0.8, 1] } }, 'horizontal-flip'],
        description:
          "Augmentations of training images; the pipeline's normalization follows. If images are read `whole` and the first step is `random-resized-crop`, it crops them in place of the steps that resize or cut for evaluation.",
      },
      mix: {
        type: 'object',
        additionalProperties: false,
        required: ['how'],
        properties: {
          how: {
            enum: MIXES,
            description: 'mixup blends whole images, cutmix pastes a box (torchvision.transforms.v2.MixUp and CutMix).',
          },
          alpha: {
            type: 'number',
            minimum: 0.05,
            default: 1,
            description:
              'The share of an image is drawn from Beta(alpha, alpha), once for each batch. Below 0.05, nearly all shares are 0 or 1.',
          },
        },
        description:
          'Mixes each training view, and its target, with the one before it in the batch; activation ranges are calibrated on views that are not mixed. Default: nothing is mixed.',
      },
      enlarge: {
        type: 'number',
        minimum: 1,
        default: 8 / 7,
        description:
          'Test images are resized by this factor, then their center of the former size is cropped; 1: they stay as they are.',
      },
    },
  },
  check: ({ milestones = [], epochs }) => checkMilestones(milestones, epochs),
  create({ precisions, augment, enlarge, milestones, mix, ...options }, { tf }) {
    const { epochs } = options;
    const falls = milestones ?? [0.6, 0.8].map((share) => Math.round(share * epochs));
    return {
      scope: 'run',
      needsLabels: true,
      async run(context) {
        const { train, classes } = context.dataset;
        const batch = Math.min(options.batch, train.size);
        const settings = { ...options, milestones: falls, batch, ...(mix && { mix }) };
        const features = await context.viewFeatures({
          precisions: precisions.map(readEvaluationPrecision),
          train: augment,
          test: enlarge === 1 ? [] : [enlarged(tf, enlarge)],
          calibrate: orderOf(train.size, context.seed, 0).slice(0, batch),
        });
        let heads: LinearHeads | undefined;
        try {
          heads = await trained(context, features, settings, (dimension) =>
            linearHeads(context.engine, {
              ...settings,
              heads: precisions.length,
              dimension,
              classes: classes.length,
              seed: context.seed,
            }),
          );
          const diverged = (await heads.finite()).indexOf(false);
          if (diverged >= 0) throw probeDiverged(`linear evaluation ${precisions[diverged]}`, options.lr, false);
          const accuracies = await accuraciesOf(context, features, heads, batch);
          await context.record(
            precisions.map((precision, index) => ({
              stage: 'linear-evaluation',
              precision,
              classifier: 'matched',
              metric: 'accuracy',
              value: accuracies[index]!,
              protocol: features.protocols[index]!,
            })),
          );
        } finally {
          heads?.dispose();
          features.dispose();
        }
      },
    };
  },
});

interface Training {
  readonly epochs: number;
  readonly batch: number;
  readonly lr: number;
  readonly milestones: readonly number[];
  readonly mix?: { readonly how: (typeof MIXES)[number]; readonly alpha: number };
}

/** Trains heads, which the caller disposes. They are made at the first step, when the number of features is known. */
async function trained(
  { engine, dataset: { train }, seed, progress }: RunStageContext,
  features: ViewFeatures,
  { epochs, batch, lr, milestones, mix }: Training,
  make: (dimension: number) => LinearHeads,
): Promise<LinearHeads> {
  const stepsPerEpoch = Math.floor(train.size / batch);
  let heads: LinearHeads | undefined;
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = orderOf(train.size, seed, epoch);
      const rate = lr * 0.1 ** milestones.filter((milestone) => epoch >= milestone).length;
      for (let step = 0; step < stepsPerEpoch; step++) {
        const samples = order.slice(step * batch, (step + 1) * batch);
        const labels = Int32Array.from(samples, (sample) => train.labels![sample]!); // the stage has `needsLabels`
        let mixing: Mixing | undefined;
        const mixed = (views: Tensor4D): Tensor4D => {
          if (mix === undefined) return views;
          const [, height, width] = views.shape;
          mixing = drawMixing(mix.how, mix.alpha, random(seed, 'linear-evaluation mix', epoch, step), [height, width]);
          return mixViews(engine.tf, views, mixing);
        };
        const x = await features.train(samples, epoch, mixed);
        try {
          heads ??= make(x[0]!.shape[1]);
          heads.train(x, labels, rate, mixing);
        } finally {
          engine.tf.dispose([...x]);
        }
        await progress('linear evaluation', epoch * stepsPerEpoch + step + 1, epochs * stepsPerEpoch);
      }
    }
    return heads!; // there is an epoch and a batch
  } catch (error) {
    heads?.dispose();
    throw error;
  }
}

/** The share of test images that each head classifies right, in percent. */
async function accuraciesOf(
  { engine, dataset: { test }, progress }: RunStageContext,
  features: ViewFeatures,
  heads: LinearHeads,
  batch: number,
): Promise<readonly number[]> {
  const right: number[] = features.protocols.map(() => 0);
  for (let first = 0; first < test.size; first += batch) {
    const count = Math.min(batch, test.size - first);
    // The last batch is padded with the first image, so that one compiled step serves all batches.
    const x = await features.test(Uint32Array.from({ length: batch }, (_, i) => (i < count ? first + i : 0)));
    try {
      const guesses = await heads.classify(x);
      for (const [head, classes] of guesses.entries())
        for (let i = 0; i < count; i++) if (classes[i] === test.labels![first + i]) right[head]! += 1;
    } finally {
      engine.tf.dispose([...x]);
    }
    await progress('linear evaluation, test', first + count, test.size);
  }
  return right.map((count) => percent(count, test.size));
}

/** The order of the training images in an epoch. */
function orderOf(size: number, seed: number, epoch: number): Uint32Array {
  return permutation(size, random(seed, 'linear-evaluation', epoch));
}

/** Resizes images by a factor and crops their center, so that their size stays. */
function enlarged(tf: Parameters<typeof cropCenter>[0], factor: number): Augmentation {
  return {
    prepare([height, width, channels]) {
      // 28 * (8 / 7) is a little less than 32.
      const larger = (length: number): number => Math.floor(length * factor + 1e-6);
      const resized = resizeImages(tf, [larger(height), larger(width)], true).prepare([height, width, channels]);
      const cropped = cropCenter(tf, [height, width]).prepare(resized.output);
      return { ...cropped, apply: (images, drawn) => cropped.apply(resized.apply(images, drawn), drawn) };
    },
  };
}
