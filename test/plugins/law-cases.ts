/** What the laws of a built-in plugin need besides its schema. */
export interface LawCases {
  /** Options of every case: those without a default, and smaller ones than the defaults, to be quick. */
  readonly base?: OptionsOfCase;
  /** Images of the cases that come from the schema. */
  readonly input?: CaseByHand['input'];
  /** Whether the loss of the cases from the schema is the same in whichever order the views come. */
  readonly symmetric?: boolean;
  readonly valid?: readonly CaseByHand[];
  readonly invalid?: readonly (CaseByHand & { readonly code: string })[];
  readonly exempt?: { readonly [law: string]: string };
}

export type OptionsOfCase = { readonly [name: string]: unknown };

export interface CaseByHand {
  readonly name?: string;
  readonly options: OptionsOfCase;
  /** Of a quantizer. */
  readonly bits?: readonly number[];
  readonly operand?: 'weights' | 'activations';
  /** Of images. */
  readonly input?: readonly [height: number, width: number, channels: number];
  /** Of methods. */
  readonly symmetric?: boolean;
  /** Of data: options of other images. */
  readonly other?: OptionsOfCase;
  /** Of optimizers. */
  readonly decays?: boolean;
}

const STATISTICS = { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] };
const GRAY = [16, 16, 1] as const;

/** The augmentation is refused, before the first step. */
function impossible(options: OptionsOfCase, input: CaseByHand['input'] = GRAY) {
  return { options, input, code: 'AUGMENTATION_IMPOSSIBLE' };
}

/** The imagenet stem has its own. */
const NO_STEM_STRIDE = { options: { stemStride: 2 }, code: 'OPTION_CONFLICT' };
const ORDER = 'the order of batches does not matter';

const LEVELS = 'it has at most 2^b levels for each scale';
const FALLS = 'its error falls as bits rise';
const ZERO = 'it keeps zero';
const EFFECT = 'the gradient of each tensor that it trains has the direction of its effect';
const TWICE = 'it is idempotent';

/** Observers that weigh rounding against clipping. */
const CLIPS = {
  'its range contains every observed value': 'it leaves extremes out, which are then clipped: that is its purpose',
};

/** A set in its official layout, with images of a few pixels. */
function imageSet(name: string): LawCases {
  return {
    base: { root: `test/plugins/data/${name}`, size: 8, workers: 0 },
    invalid: [
      { options: { root: 'test/plugins/data/none' }, code: 'DATA_MISSING' },
      { options: { root: 'test/plugins/data/cifar100' }, code: 'DATA_MISSING' },
    ],
  };
}

/** By kind and name. A plugin that its schema says enough about is not here. */
export const LAW_CASES: { readonly [plugin: string]: LawCases } = {
  'augmentation brightness-contrast': { valid: [{ options: {}, input: GRAY }] },
  'augmentation center-crop': {
    base: { size: 6 },
    valid: [{ options: { size: [5, 8] } }, { options: { size: [12, 7] }, input: [9, 10, 1] }],
    invalid: [impossible({ size: 8 }, [0, 8, 3])],
  },
  'augmentation color-jitter': {
    valid: [{ options: { p: 1, hue: 0 } }, { options: { p: 1, brightness: 0, contrast: 0, saturation: 0 } }],
    invalid: [impossible({})],
  },
  'augmentation gaussian-blur': {
    valid: [{ options: { kernel: 5 } }, { options: { kernel: [3, 7], p: 1 } }, { options: {}, input: GRAY }],
    invalid: [
      impossible({ kernel: 4 }),
      impossible({ kernel: [3, 4] }),
      impossible({ kernel: 9 }, [16, 4, 1]),
      impossible({ kernel: [9, 3] }, [16, 4, 1]),
      impossible({ sigma: [2, 1] }),
      { options: { kernel: [3, 0] }, code: 'OUT_OF_RANGE' },
      { options: { kernel: [3, 5, 7] }, code: 'OUT_OF_RANGE' },
    ],
  },
  'augmentation grayscale': { invalid: [impossible({})] },
  'augmentation normalize': {
    base: STATISTICS,
    invalid: [impossible(STATISTICS)],
    exempt: { 'images in [0, 1] stay there': 'it centers values about 0, as networks take them' },
  },
  'augmentation one-of': {
    base: { of: ['horizontal-flip', 'solarize'] },
    valid: [{ options: { of: [{ use: 'gaussian-blur', with: { p: 1 } }, 'grayscale'], weights: [1, 3] } }],
    invalid: [
      impossible({ of: ['solarize'], weights: [1, 2] }),
      impossible({ of: ['solarize'], weights: [0] }),
      impossible({ of: [{ use: 'resize', with: { size: 4 } }] }),
      impossible({ of: [{ use: 'normalize', with: { mean: [0], std: [1] } }] }, GRAY),
    ],
  },
  'augmentation rand-augment': {
    valid: [{ options: { operations: 3, magnitude: 30 } }, { options: { operations: 1 }, input: [2, 19, 3] }],
    invalid: [impossible({})],
  },
  'augmentation random-affine': {
    valid: [
      { options: { degrees: [-180, 180], shearX: [-30, 30], shearY: [0, 20], scale: [0.5, 2], translate: [0.3, 0.1] } },
      { options: { interpolation: 'bilinear', scale: [0.5, 0.9] }, input: GRAY },
    ],
    invalid: [
      impossible({ degrees: [2, 1] }),
      impossible({ scale: [2, 1] }),
      impossible({ shearX: [2, 1] }),
      { options: { shearY: [0, 90] }, code: 'OUT_OF_RANGE' },
    ],
  },
  'augmentation random-apply': {
    base: { of: ['horizontal-flip', { use: 'gaussian-blur', with: { p: 1 } }] },
    valid: [{ options: { of: [{ use: 'one-of', with: { of: ['solarize', 'grayscale'] } }], p: 0.8 } }],
    invalid: [impossible({ of: [{ use: 'random-resized-crop', with: { size: 4 } }] })],
  },
  'augmentation random-crop': {
    valid: [
      { options: { size: 7, padding: 0 } },
      { options: { size: [22, 9], padding: 3, border: 'reflect' } },
      { options: { padding: 16, border: 'symmetric' }, input: GRAY },
      { options: { padding: 20, border: 'edge' }, input: GRAY },
    ],
    invalid: [
      impossible({ size: 17, padding: 0 }),
      impossible({ padding: 16, border: 'reflect' }),
      impossible({ padding: 17, border: 'symmetric' }),
    ],
  },
  'augmentation random-order': {
    base: { of: ['horizontal-flip', { use: 'solarize', with: { p: 1, threshold: 0.3 } }, 'gaussian-blur'] },
    invalid: [impossible({ of: [{ use: 'random-resized-crop', with: { size: 4 } }] })],
  },
  'augmentation random-erasing': {
    valid: [{ options: { p: 1 }, input: GRAY }],
    invalid: [impossible({ size: [4, 17] }, [16, 32, 1])],
  },
  'augmentation random-resized-crop': {
    base: { size: 12 },
    valid: [
      { options: { size: 24 } },
      { options: { size: 16, antialias: false }, input: [7, 40, 1] },
      { options: { size: 16 }, input: [7, 40, 1] },
    ],
    invalid: [impossible({ size: 8, scale: [1, 0.5] }), impossible({ size: 8, ratio: [2, 1] })],
  },
  'augmentation random-warp': {
    valid: [{ options: { rotation: 180, shear: 1 } }],
    invalid: [impossible({ area: [1, 0.5] }), impossible({}, [1, 16, 1])],
  },
  'augmentation resize': {
    base: { size: 12 },
    valid: [
      { options: { size: [24, 9] } },
      { options: { size: [5, 30], antialias: false }, input: [7, 40, 1] },
      { options: { size: 8 }, input: [7, 40, 1] },
    ],
    invalid: [impossible({ size: 8 }, [0, 8, 3]), { options: { size: [8] }, code: 'OUT_OF_RANGE' }],
  },
  'augmentation solarize': { valid: [{ options: { p: 0.8, threshold: 0.25 } }, { options: { p: 0.5 }, input: GRAY }] },
  'assigner integer-program': {
    valid: [{ options: { weights: [2, 8], activations: [2, 3, 8] } }],
    invalid: [{ options: { budget: 'size', activations: [4] }, code: 'OPTION_CONFLICT' }],
  },
  'backbone resnet18': {
    base: { width: 4, blocks: [1, 1, 1] },
    input: [16, 16, 3],
    valid: [
      { options: { width: 2 }, input: [24, 20, 3] },
      { options: { stem: 'cifar', stemStride: 2, width: 3, blocks: [2, 1] }, input: [12, 16, 1] },
    ],
    invalid: [NO_STEM_STRIDE, { options: { blocks: [1] }, input: [0, 8, 3], code: 'NETWORK_INVALID' }],
  },
  'backbone resnet34': { base: { width: 2, blocks: [2, 1] }, input: [12, 12, 3], invalid: [NO_STEM_STRIDE] },
  'backbone resnet50': { base: { width: 2, blocks: [1, 1] }, input: [12, 12, 3], invalid: [NO_STEM_STRIDE] },
  'backbone resnet101': { base: { width: 2, blocks: [1, 2] }, input: [12, 12, 3], invalid: [NO_STEM_STRIDE] },
  'backbone mobilenet-v2': {
    base: {
      width: 0.2,
      stages: [
        [1, 4, 1, 1],
        [2, 4, 2, 2],
      ],
      features: 8,
    },
    input: [9, 10, 3],
    valid: [{ options: { stages: [[3, 4, 1, 2]], features: 5 }, input: [8, 8, 1] }],
    invalid: [{ options: {}, input: [0, 8, 3], code: 'NETWORK_INVALID' }],
  },
  'backbone efficientnet-lite0': { base: { width: 0.1, stages: 3 }, input: [12, 9, 3] },
  'backbone vgg16-bn': {
    base: { width: 2, convolutions: [1, 2] },
    input: [9, 8, 3],
    invalid: [{ options: { convolutions: [1, 1, 1, 1] }, input: [8, 8, 3], code: 'NETWORK_INVALID' }],
  },
  'data cifar10': {
    base: { root: 'test/plugins/data/cifar10', batches: [1] },
    valid: [
      {
        name: 'other images',
        options: { root: 'test/plugins/data/cifar10', batches: [1] },
        other: { root: 'test/plugins/data/cifar10-other', batches: [1] },
      },
      { name: 'validation', options: { root: 'test/plugins/data/cifar10', batches: [1], validation: 1 } },
    ],
    invalid: [{ options: { root: 'test/plugins/data/none' }, code: 'DATA_MISSING' }],
  },
  'data digits': { valid: [{ options: { test: 9000, split: 1 } }, { options: { test: 9000, validation: 900 } }] },
  'data image-folder': {
    base: { root: 'test/plugins/data/images', size: 8, workers: 0 },
    valid: [
      {
        name: 'other images',
        options: { root: 'test/plugins/data/images', size: 8, workers: 0 },
        other: { root: 'test/plugins/data/images/train', size: 8, workers: 0 },
      },
      {
        name: 'whole images',
        options: { root: 'test/plugins/data/images', size: 48, whole: true, workers: 0 },
      },
      {
        name: 'one folder, without labels',
        options: {
          root: 'test/plugins/data/images/train',
          size: 5,
          labels: 'none',
          test: 0.4,
          validation: 0.3,
          workers: 0,
        },
      },
    ],
    invalid: [
      { options: { root: 'test/plugins/data/none' }, code: 'DATA_MISSING' },
      { options: { root: 'test/plugins/data/cifar10' }, code: 'DATA_INVALID' },
    ],
  },
  'data image-list': {
    base: { list: 'test/plugins/data/image-list/images.csv', size: 8, workers: 0 },
    valid: [
      {
        name: 'JSON without labels',
        options: { list: 'test/plugins/data/image-list/images.json', size: 8, workers: 0, validation: 0.5 },
        other: { list: 'test/plugins/data/image-list/images.csv', size: 8, workers: 0 },
      },
    ],
    invalid: [{ options: { list: 'test/plugins/data/none.csv' }, code: 'DATA_MISSING' }],
  },
  'data cifar100': {
    base: { root: 'test/plugins/data/cifar100' },
    valid: [{ options: { root: 'test/plugins/data/cifar100', validation: 1 } }],
    invalid: [{ options: { root: 'test/plugins/data/none' }, code: 'DATA_MISSING' }],
  },
  'data stl10': {
    base: { root: 'test/plugins/data/stl10' },
    invalid: [{ options: { root: 'test/plugins/data/cifar100' }, code: 'DATA_MISSING' }],
  },
  'data idx': {
    base: { root: 'test/plugins/data/idx' },
    valid: [
      {
        options: { root: 'test/plugins/data/idx', validation: 2 },
        other: { root: 'test/plugins/data/idx', train: 't10k' },
      },
    ],
    invalid: [{ options: { root: 'test/plugins/data/none' }, code: 'DATA_MISSING' }],
  },
  'data tar-shards': {
    base: { root: 'test/plugins/data/tar-shards', train: 'train-*.tar', size: 8, workers: 0 },
    valid: [
      {
        options: {
          root: 'test/plugins/data/tar-shards',
          train: 'train-*.tar',
          testShards: 'test-*.tar',
          size: 8,
          workers: 0,
        },
        other: {
          root: 'test/plugins/data/tar-shards',
          train: 'train-000.tar',
          testShards: 'test-*.tar',
          size: 8,
          workers: 0,
        },
      },
    ],
    invalid: [{ options: { root: 'test/plugins/data/tar-shards', train: 'other-*.tar' }, code: 'DATA_MISSING' }],
  },
  'data parquet': {
    base: { root: 'test/plugins/data/parquet', size: 8, workers: 0 },
    valid: [
      {
        options: { root: 'test/plugins/data/parquet', size: 8, workers: 0, label: 'none' },
        other: { root: 'test/plugins/data/parquet/train-00000-of-00001.parquet', size: 8, workers: 0 },
      },
    ],
    invalid: [
      { options: { root: 'test/plugins/data/none' }, code: 'DATA_MISSING' },
      { options: { root: 'test/plugins/data/parquet', image: 'none' }, code: 'DATA_INVALID' },
    ],
  },
  'data caltech101': imageSet('caltech101'),
  'data coco': imageSet('coco'),
  'data cub200': imageSet('cub200'),
  'data dtd': imageSet('dtd'),
  'data cars': imageSet('cars'),
  'data fgvc-aircraft': imageSet('fgvc-aircraft'),
  'data flowers102': imageSet('flowers102'),
  'data food101': imageSet('food101'),
  'data oxford-pets': imageSet('oxford-pets'),
  'data pascal-voc': imageSet('pascal-voc'),
  'method barlow-twins': { base: { dim: 12 }, valid: [{ options: { dim: 12, redundancy: 0 } }] },
  'method byol': {
    base: { dim: 16, hidden: 12, predictorHidden: 8 },
    valid: [{ options: { dim: 3, hidden: 5, predictorHidden: 4, layers: 3 } }],
  },
  'method dino': {
    base: { dim: 8, hidden: 12, prototypes: 10 },
    valid: [{ options: { dim: 3, hidden: 5, prototypes: 4, norm: true, warmupEpochs: 1, freezeEpochs: 0 } }],
  },
  'method moco': {
    base: { dim: 16, hidden: 8, queue: 12 },
    symmetric: false,
    valid: [{ options: { dim: 5, hidden: 8, queue: 3 }, symmetric: false }],
  },
  'method simclr': { base: { dim: 16, hidden: 8 }, valid: [{ options: { dim: 5, hidden: 7, temperature: 0.1 } }] },
  'method simsiam': { base: { dim: 16, predictorHidden: 8 }, valid: [{ options: { dim: 3, predictorHidden: 5 } }] },
  'method swav': {
    base: { dim: 8, hidden: 12, prototypes: 6 },
    valid: [{ options: { dim: 3, hidden: 5, prototypes: 4, iterations: 1 } }],
  },
  'observer gaussian': {
    valid: [{ options: { deviations: 0.5 } }],
    exempt: CLIPS,
  },
  'observer histogram': { valid: [{ options: { bins: 64 } }] },
  'observer moving-average-minmax': {
    exempt: { [ORDER]: 'the weight of a batch in a moving average falls with its age', ...CLIPS },
  },
  'observer mse': {
    valid: [{ options: { samples: 16 } }],
    exempt: {
      [ORDER]: 'which values a bounded sample keeps depends on it',
      'its gradient is that of its range':
        'the factor, a constant of the backward pass, comes from a search of finite resolution: it is a step function of the values',
      ...CLIPS,
    },
  },
  'observer percentile': { valid: [{ options: { alpha: 0.1 } }], exempt: CLIPS },
  'optimizer adamw': {
    base: { weightDecay: 0 },
    valid: [
      { options: { weightDecay: 0.01 }, decays: true },
      { options: { weightDecay: 0, clipNorm: 0.1, beta1: 0, beta2: 0 } },
    ],
  },
  'optimizer lars': {
    base: { weightDecay: 0 },
    valid: [{ options: { weightDecay: 0.01 }, decays: true }, { options: { weightDecay: 0, clipNorm: 0.1 } }],
  },
  'optimizer sgd': {
    valid: [
      { options: { momentum: 0 } },
      { options: { weightDecay: 0.01 }, decays: true },
      { options: { lrScale: { 'bn1.*': 3 } } },
      { options: { clipNorm: 0.1 } },
    ],
    invalid: [{ options: { lrScale: { 'layer9.*': 2 } }, code: 'PARAMETER_UNMATCHED' }],
  },
  'quantizer adaround': {
    valid: [{ options: { symmetric: false, granularity: 'tensor' }, operand: 'activations' }],
    exempt: {
      [LEVELS]:
        'soft rounding, which the paper optimizes, lies between the levels; hard rounding has a test of its own',
      [EFFECT]:
        'hard rounding jumps where a tilt changes its sign; its gradient is that of soft rounding, which keeps the law',
    },
  },
  'quantizer binary': {
    valid: [{ options: {}, bits: [1] }],
    exempt: { [ZERO]: 'its levels are -1 and 1', [FALLS]: 'it has two levels, whatever the bit width' },
  },
  'quantizer dorefa': {
    exempt: {
      [ZERO]: 'its levels are odd multiples of half a step, equation 9 of the paper',
      [TWICE]: 'its levels are those of the hyperbolic tangent: quantized twice, that is taken twice',
    },
  },
  'quantizer lsq': { valid: [{ options: { signed: false, granularity: 'tensor' }, operand: 'activations' }] },
  'quantizer lsq-plus': {
    valid: [{ options: { symmetric: false, granularity: 'tensor' }, operand: 'activations' }],
    exempt: { [ZERO]: 'its trained offset is no multiple of its step, equation 6 of the paper' },
  },
  'quantizer pact': { valid: [{ options: { initial: 0.5 }, operand: 'activations' }] },
  'sampler weighted': {
    base: { shares: { 2: 1, 8: 3 } },
    invalid: [{ options: { shares: { 5: 1 } }, code: 'SHARES_INVALID' }],
  },
  'schedule multi-step': { base: { epochs: [2, 4] } },
  'schedule cosine': { valid: [{ options: { warmup: 2 } }, { options: { per: 'step', warmup: 1 } }] },
  'stage decomposition': { base: { precisions: ['w8a8', 'w2a4'], batches: 4 } },
  'stage confusion': { base: { precisions: ['float', 'w4a4'], k: 5 }, invalid: [] },
  'stage neighbour-pictures': { base: { precisions: ['float', 'w4a4'], images: 2, k: 3 } },
  'stage knn': { base: { precisions: ['float', 'w4a4'], k: 5 }, invalid: [] },
  'stage linear-evaluation': {
    base: { precisions: ['float', 'w4a4@clipped'], epochs: 2, batch: 8, lr: 0.1 },
    valid: [
      { options: { precisions: ['w4'], enlarge: 1, augment: [], batch: 500, epochs: 2, lr: 0.1 } },
      { options: { precisions: ['w4'], epochs: 2, batch: 8, lr: 0.1, mix: { how: 'cutmix' } } },
    ],
  },
  'stage umap': { base: { precisions: ['float', 'w4a4'], images: 8, k: 3 } },
  'stage linear-probe': { base: { precisions: ['float', 'w4a4'], epochs: 3 } },
};
