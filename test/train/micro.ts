import assert from 'node:assert/strict';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Network, Precision } from '@ssql/core';
import type { Composition } from '../../packages/core/src/container/composition.js';
import type { Engine, Tensors } from '../../packages/core/src/engine/engine.js';
import { assembleModel, type Model } from '../../packages/core/src/train/model.js';
import { stepInputs } from '../../packages/core/src/train/step-inputs.js';
import type { MixedPrecision } from '../../packages/core/src/evaluate/assign-bits.js';
import { viewsOf, type Views } from '../../packages/core/src/train/views.js';
import type { Parameter, Statistic } from '../../packages/core/src/nn/describe.js';
import { basicBlock } from '../../packages/plugins/src/backbone/residual.js';
import { simsiam } from '../../packages/plugins/src/method/simsiam.js';
import { minmax } from '../../packages/plugins/src/observer/minmax.js';
import { sgd } from '../../packages/plugins/src/optimizer/sgd.js';
import { uniform } from '../../packages/plugins/src/quantizer/uniform.js';
import { ssql } from '../../packages/plugins/src/wrapper/ssql.js';
import { recipe, toHwio, toInOut, toNhwc, weightScale, type HostTensor, type Recipe } from '../golden/recipe.js';
import { make } from '../plugins/make-plugin.js';

/** The pins of the official configuration, with our names. */
export const OFFICIAL_PINS = {
  conv1: { weights: 8, activations: 8 },
  'layer*.*.conv2': { activations: 'float' },
  'layer*.*.downsample.0': { activations: 'float' },
} as const;

/** The pins of the official training. */
export const TRAINING_PINS = { ...OFFICIAL_PINS, 'projector.*': { weights: 8, activations: 'float' } } as const;

/** The goldens' networks: a ResNet with these widths and numbers of blocks of its stages, and a CIFAR stem. */
export function goldenBackbone(widths: readonly number[], blocks: readonly number[]): Network {
  return {
    forward(nn, x) {
      let y = nn.conv2d(x, 'conv1', { filters: widths[0]!, kernel: 3, stride: 1, padding: 1 });
      y = nn.output(nn.relu(nn.batchNorm(y, 'bn1')), 'conv1');
      widths.forEach((filters, stage) => {
        for (let block = 0; block < blocks[stage]!; block++) {
          const projects = stage > 0 && block === 0;
          y = basicBlock(nn, y, `layer${stage + 1}.${block}`, { filters, stride: projects ? 2 : 1, projects });
        }
      });
      return nn.globalAveragePool(y);
    },
  };
}

/** For evaluations without mixed precisions. */
export const UNMIXED: MixedPrecision = {
  assigner: { budget: 'bops', assign: () => assert.fail('no mixed precision is asked for') },
  bits: { weights: [], activations: [] },
  assigned: () => assert.fail('no mixed precision is asked for'),
};

/** The composition of a pipeline with the micro network, without a dataset. */
export async function microComposition(
  { tf }: Engine,
  pins: Composition['pins'],
): Promise<Omit<Composition, 'dataset' | 'evaluated'>> {
  const context = { tf };
  const operand = async (symmetric: boolean, granularity: string, bits: number[]) => ({
    quantizer: await make(uniform, { symmetric, granularity }, context),
    observer: await make(minmax, {}, context),
    bits,
  });
  return {
    augmentations: [],
    backbone: goldenBackbone([2, 4, 4, 8], [1, 1, 1, 1]),
    method: await make(simsiam, { dim: 16, predictorHidden: 8 }, context),
    wrapper: await make(ssql, {}, context),
    sampler: { draw: () => ({ weights: 4, activations: 4 }) },
    weights: await operand(true, 'channel', [4]),
    activations: await operand(false, 'tensor', [4]),
    pins,
    optimizer: await make(sgd, { lr: 0.05, momentum: 0.9, weightDecay: 5e-4 }, context),
    schedule: { factor: () => 1 },
    assigner: UNMIXED.assigner,
    calibrations: [],
    stages: [],
    monitor: [],
    loggers: [],
  };
}

export function microModel(composition: Omit<Composition, 'dataset' | 'evaluated'>): Model {
  return assembleModel(composition as Composition, [4, 32, 32, 3], () => undefined); // reads no dataset
}

/** Views that are the images with these names, passed instead of random numbers, and the inputs of a step on them. */
export function microInputs(
  engine: Engine,
  precisions: readonly Precision[] = [{ weights: 4, activations: 4 }],
  names: readonly string[] = ['micro/1', 'micro/2'],
): { readonly views: Views; readonly inputs: Tensors } {
  const views = viewsOf(
    [
      {
        shape: [32, 32, 3],
        draws: 32 * 32 * 3,
        draw: ({ view }) => toNhwc(recipe(names[view]!, [4, 3, 32, 32], { scale: 2 })).values,
        apply: (images, drawn) => engine.tf.reshape(drawn, images.shape),
        evaluate: (images) => images,
      },
    ],
    names.length,
  );
  const inputs = stepInputs(engine, views, names.length, 0, {
    images: new Uint8Array(4 * 32 * 32 * 3),
    imageShape: [32, 32, 3],
    samples: Uint32Array.of(0, 1, 2, 3),
    epoch: 0,
    step: 0,
    learningRate: 0.05,
    precisions,
  });
  return { views, inputs };
}

/** A tensor's name in the official code. */
export function officialName(name: string): string {
  if (name.startsWith('predictor.')) return name;
  const inMomentum = name.startsWith('momentum.');
  const inEncoder = (inMomentum ? name.slice('momentum.'.length) : name).replace(/^projector\./, 'fc.');
  return `${inMomentum ? 'encoder_k' : 'encoder_q'}.${inEncoder}`;
}

/** Images of tests, as golden files state theirs. */
export const MICRO_IMAGES = {
  input: 'f/eval',
  calibration: 'f/calib',
  shape: [4, 3, 32, 32],
  scale: 2,
  factor: 1,
  make: recipe,
} as const;

/** The value of a parameter of a name as golden files make it, in our layout. */
export function goldenParameter(
  name: string,
  { shape, role }: Pick<Parameter, 'shape' | 'role'>,
  make: Recipe = recipe,
): HostTensor {
  switch (role) {
    case 'convolution': {
      const [height, width, inputs, outputs] = shape as [number, number, number, number];
      const torch = [outputs, inputs, height, width];
      return toHwio(make(name, torch, { scale: weightScale(torch) }));
    }
    case 'linear': {
      const torch = shape.toReversed();
      return toInOut(make(name, torch, { scale: weightScale(torch) }));
    }
    case 'scale':
      return make(name, shape, { scale: 0.2, offset: 1 });
    case 'bias':
    case 'convolution bias':
    case 'shift':
      return make(name, shape, { scale: 0.1 });
  }
}

/** Values of parameters and statistics as tensors. */
export function tensorsOf(
  { tf }: Engine,
  { parameters, statistics }: { readonly parameters: readonly Parameter[]; readonly statistics: readonly Statistic[] },
  parameter: (tensor: Parameter) => HostTensor,
  statistic: (tensor: Statistic) => HostTensor,
): Tensors {
  const entry = (name: string, { values, shape }: HostTensor): [string, Tensor] => [
    name,
    tf.tensor(values, [...shape]),
  ];
  return Object.fromEntries([
    ...parameters.map((tensor) => entry(tensor.name, parameter(tensor))),
    ...statistics.map((tensor) => entry(tensor.name, statistic(tensor))),
  ]);
}

/** Parameters and running statistics of a frozen backbone as golden files make them. */
export function trainedState(engine: Engine, model: Model, make: Recipe = recipe): Tensors {
  return tensorsOf(
    engine,
    model.backboneDescription,
    (tensor) => goldenParameter(`param/encoder_q.${tensor.name}`, tensor, make),
    ({ name, shape, role }) =>
      make(`f/bn/${name}`, shape, role === 'mean' ? { scale: 0.1 } : { scale: 0.5, offset: 1 }),
  );
}

/** A batch norm's running statistics before the first pass. */
export function fresh({ shape, role }: Statistic): HostTensor {
  return { shape, values: new Float32Array(shape[0]!).fill(role === 'mean' ? 0 : 1) };
}
