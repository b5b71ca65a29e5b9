import { definePlugin } from '@ssql/core';
import { augmentationImpossible } from './augmentation-impossible.js';
import { inverseAffine, type Affine } from './inverse-affine.js';
import { applyStep, numbersOf, STEP_DRAWS, UNCHANGED, type Step } from './rand-augment-step.js';

/** The strongest magnitude: torchvision's default of 31 magnitudes. */
const STRONGEST = 30;

/**
 * Applies random operations of one strength to an image: torchvision's RandAugment, with its 14 operations. All images of a batch pass
 * through each operation, which changes nothing where it is not drawn. Results equal those of torchvision's v2 operations on float
 * tensors. On PIL and uint8 images, where it is mostly used, torchvision rounds to whole 255ths after each operation, and posterize keeps
 * the upper bits of a byte: k / 255 instead of k / 256.
 */
export const randAugment = definePlugin({
  kind: 'augmentation',
  name: 'rand-augment',
  summary: 'Applies operations to an RGB image that are drawn from 14 and share one strength.',
  paper: 'Cubuk et al., RandAugment, 2020; as torchvision.transforms.RandAugment.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      operations: {
        type: 'integer',
        minimum: 1,
        default: 2,
        description: 'How many operations an image undergoes; one may be drawn again.',
      },
      magnitude: {
        type: 'integer',
        minimum: 0,
        maximum: STRONGEST,
        default: 9,
        description: `Strength of the operations, from 0 to ${STRONGEST}.`,
      },
    },
  },
  create({ operations, magnitude }, { tf }) {
    return {
      prepare(input) {
        const [height, width, channels] = input;
        if (channels !== 3)
          throw augmentationImpossible('rand-augment', `images with ${channels} channels`, '3 channels');
        const rows = OPERATIONS.map((operation) =>
          [1, -1].map((sign) =>
            numbersOf({ ...UNCHANGED, ...operation({ strength: magnitude / STRONGEST, sign, height, width }) }),
          ),
        );
        const slots = Array.from({ length: operations }, (_, slot) => slot * STEP_DRAWS);
        return {
          output: input,
          draws: operations * STEP_DRAWS,
          draw: (random) => slots.flatMap(() => rows[random.integer(rows.length)]![random.integer(2)]!),
          apply: (images, drawn) => slots.reduce((before, first) => applyStep(tf, before, drawn, first), images),
        };
      },
    };
  },
});

interface Strength {
  /** From 0 to 1. */
  readonly strength: number;
  /** Which way, of the operations that have two: 1 or -1. */
  readonly sign: number;
  readonly height: number;
  readonly width: number;
}

type Operation = (strength: Strength) => Partial<Step>;

/** The largest shift, as a share of the side. */
const SHIFT = 150 / 331;

/** In the order of torchvision. */
const OPERATIONS: readonly Operation[] = [
  () => ({}),
  ({ strength, sign }) => sheared([degrees(Math.atan(0.3 * strength * sign)), 0]),
  ({ strength, sign }) => sheared([0, degrees(Math.atan(0.3 * strength * sign))]),
  ({ strength, sign, ...size }) => moved(size, { translate: [Math.trunc(SHIFT * size.width * strength * sign), 0] }),
  ({ strength, sign, ...size }) => moved(size, { translate: [0, Math.trunc(SHIFT * size.height * strength * sign)] }),
  // It turns to the left where the sign is positive, as torchvision's `rotate`.
  ({ strength, sign, ...size }) => moved(size, { angle: -30 * strength * sign }),
  (change) => ({ mix: [factor(change), 0, 0] }), // brightness
  (change) => ({ mix: [factor(change), 1 - factor(change), 0] }), // saturation
  (change) => ({ mix: [factor(change), 0, 1 - factor(change)] }), // contrast
  (change) => ({ sharpness: factor(change) }),
  ({ strength }) => ({ levels: 2 ** (8 - Math.round(4 * strength)) }),
  ({ strength }) => ({ threshold: 1 - strength }),
  () => ({ autocontrast: 1 }),
  () => ({ equalize: 1 }),
];

function factor({ strength, sign }: Strength): number {
  return 1 + 0.9 * strength * sign;
}

function degrees(radians: number): number {
  return (radians * 180) / Math.PI;
}

/** Sheared about the upper left corner. */
function sheared(shear: readonly [x: number, y: number]): Partial<Step> {
  return { map: inverseAffine({ shear, center: [0, 0] }) };
}

function moved({ height, width }: Pick<Strength, 'height' | 'width'>, change: Omit<Affine, 'center'>): Partial<Step> {
  return { map: inverseAffine({ ...change, center: [width / 2, height / 2] }) };
}
