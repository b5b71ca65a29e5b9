/** What the laws of a built-in plugin need besides its schema. */
export interface LawCases {
  /** Options of every case: those without a default, and smaller ones than the defaults, to be quick. */
  readonly base?: OptionsOfCase;
  /** Images of the cases that come from the schema. */
  readonly input?: CaseByHand['input'];
  readonly valid?: readonly CaseByHand[];
  readonly invalid?: readonly (CaseByHand & { readonly code: string })[];
  readonly exempt?: { readonly [law: string]: string };
}

export type OptionsOfCase = { readonly [name: string]: unknown };

export interface CaseByHand {
  readonly options: OptionsOfCase;
  /** Of images. */
  readonly input?: readonly [height: number, width: number, channels: number];
}

const STATISTICS = { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] };
const GRAY = [16, 16, 1] as const;

/** The augmentation is refused, before the first step. */
function impossible(options: OptionsOfCase, input: CaseByHand['input'] = GRAY) {
  return { options, input, code: 'AUGMENTATION_IMPOSSIBLE' };
}

const ORDER = 'the order of batches does not matter';

/** Observers that weigh rounding against clipping. */
const CLIPS = {
  'its range contains all that it has seen': 'it leaves extremes out, which are then clipped: that is its purpose',
};

/** By kind and name. A plugin that its schema says enough about is not here. */
export const LAW_CASES: { readonly [plugin: string]: LawCases } = {
  'augmentation brightness-contrast': { valid: [{ options: {}, input: GRAY }] },
  'augmentation color-jitter': {
    valid: [{ options: { p: 1, hue: 0 } }, { options: { p: 1, brightness: 0, contrast: 0, saturation: 0 } }],
    invalid: [impossible({})],
  },
  'augmentation gaussian-blur': {
    valid: [{ options: { kernel: 5 } }, { options: {}, input: GRAY }],
    invalid: [impossible({ kernel: 4 }), impossible({ kernel: 9 }, [16, 4, 1]), impossible({ sigma: [2, 1] })],
  },
  'augmentation grayscale': { invalid: [impossible({})] },
  'augmentation normalize': {
    base: STATISTICS,
    invalid: [impossible(STATISTICS)],
    exempt: { 'images in [0, 1] stay there': 'it centers values about 0, as networks take them' },
  },
  'augmentation random-erasing': {
    valid: [{ options: { p: 1 }, input: GRAY }],
    invalid: [impossible({ size: [4, 17] }, [16, 32, 1])],
  },
  'augmentation random-resized-crop': {
    base: { size: 12 },
    valid: [{ options: { size: 24 } }, { options: { size: 16 }, input: [7, 40, 1] }],
    invalid: [impossible({ size: 8, scale: [1, 0.5] }), impossible({ size: 8, ratio: [2, 1] })],
  },
  'augmentation random-warp': {
    valid: [{ options: { rotation: 180, shear: 1 } }],
    invalid: [impossible({ area: [1, 0.5] }), impossible({}, [1, 16, 1])],
  },
  'backbone resnet18': {
    base: { width: 4, blocks: [1, 1, 1] },
    input: [16, 16, 3],
    valid: [
      { options: { width: 2 }, input: [24, 20, 3] },
      { options: { stem: 'cifar', stemStride: 2, width: 3, blocks: [2, 1] }, input: [12, 16, 1] },
    ],
    invalid: [
      { options: { stemStride: 2 }, code: 'OPTION_CONFLICT' },
      { options: { blocks: [1] }, input: [0, 8, 3], code: 'NETWORK_INVALID' },
    ],
  },
  'method simsiam': { base: { dim: 16, predictorHidden: 8 }, valid: [{ options: { dim: 3, predictorHidden: 5 } }] },
  'observer gaussian': {
    valid: [{ options: { deviations: 0.5 } }],
    exempt: { [ORDER]: 'as the official code it is of the last batch alone', ...CLIPS },
  },
  'observer histogram': { valid: [{ options: { bins: 64 } }] },
  'observer moving-average-minmax': {
    exempt: { [ORDER]: 'the weight of a batch in a moving average falls with its age', ...CLIPS },
  },
  'observer mse': {
    valid: [{ options: { samples: 16 } }],
    exempt: {
      [ORDER]:
        'as the official code it is of the first batch alone; and which values a bounded sample keeps depends on it',
      'its gradient is that of its range':
        'the factor, a constant of the backward pass, comes from a search of finite resolution: it is a step function of the values',
      ...CLIPS,
    },
  },
  'observer percentile': { valid: [{ options: { alpha: 0.1 } }], exempt: CLIPS },
};
