import type { Tensor } from '@tensorflow/tfjs-core';
import type { Engine, Network } from '@ssql/core';
import type { LaidOut } from '@ssql/core/run';
import { describe as describeNetwork, type NetworkDescription } from '../../packages/core/src/nn/describe.js';
import { execute, NO_HOOKS } from '../../packages/core/src/nn/execute.js';
import { runningStatistics } from '../../packages/core/src/nn/normalization.js';
import { toTorch } from '../../packages/core/src/artifact/torch-layout.js';
import { efficientnetLite0 } from '../../packages/plugins/src/backbone/efficientnet-lite0.js';
import { mobilenetV2 } from '../../packages/plugins/src/backbone/mobilenet-v2.js';
import { vgg16Bn } from '../../packages/plugins/src/backbone/vgg16-bn.js';
import { resnet101 } from '../../packages/plugins/src/backbone/resnet101.js';
import { resnet18 } from '../../packages/plugins/src/backbone/resnet18.js';
import { resnet34 } from '../../packages/plugins/src/backbone/resnet34.js';
import { resnet50 } from '../../packages/plugins/src/backbone/resnet50.js';
import { recipe, toNhwc, weightScale, type HostTensor } from '../golden/recipe.js';
import { make } from '../plugins/make-plugin.js';

/** A backbone that reference.py has too, and the images that it is run on. */
export interface ComparedNetwork {
  readonly name: string;
  readonly network: Network;
  /** [2,H,W,3]. */
  readonly images: HostTensor;
  readonly description: NetworkDescription;
}

const NETWORKS = {
  resnet18: [resnet18],
  'resnet18-cifar': [resnet18, { stem: 'cifar' }],
  resnet34: [resnet34],
  resnet50: [resnet50],
  resnet101: [resnet101],
  'mobilenet-v2': [mobilenetV2],
  'vgg16-bn': [vgg16Bn],
  'efficientnet-lite0': [efficientnetLite0],
} as const;

export const NETWORK_NAMES = Object.keys(NETWORKS) as readonly (keyof typeof NETWORKS)[];

export async function comparedNetwork(name: keyof typeof NETWORKS): Promise<ComparedNetwork> {
  const [plugin, options = {}] = NETWORKS[name];
  const network = await make<'backbone'>(plugin, options);
  const [height, width] = name.endsWith('-cifar') ? [32, 32] : [65, 50];
  const images = toNhwc(recipe(`torch/${name}/images`, [2, 3, height, width]));
  return { name, network, images, description: describeNetwork(network, images.shape) };
}

/** Tensors in torch's layout by name. */
export type TorchTensors = ReadonlyMap<string, LaidOut>;

/** The weights and statistics that reference.py makes. */
export function recipeTensors({ name: network, description }: ComparedNetwork): TorchTensors {
  const all = [...description.parameters, ...description.statistics];
  return new Map(
    all.map(({ name, shape, role }) => {
      const torch = toTorch(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape).shape;
      return [name, recipe(`torch/${network}/${name}`, torch, range(role, torch))];
    }),
  );
}

type Role = NetworkDescription['parameters' | 'statistics'][number]['role'];

function range(role: Role, torch: readonly number[]): { readonly offset?: number; readonly scale: number } {
  if (role === 'convolution') return { scale: weightScale(torch) };
  if (role === 'variance') return { offset: 1, scale: 0.5 };
  return role === 'scale' ? { offset: 0.6, scale: 0.2 } : { scale: 0.1 };
}

/**
 * The features of the images in evaluation mode, in float.
 * @param values of a parameter or statistic, in our layout
 */
export function featuresOf(
  engine: Engine,
  { network, images, description }: ComparedNetwork,
  values: (name: string) => Float32Array,
): HostTensor {
  const { tf } = engine;
  return tf.tidy(() => {
    const all = [...description.parameters, ...description.statistics];
    const given = new Map<string, Tensor>(all.map(({ name, shape }) => [name, tf.tensor(values(name), [...shape])]));
    const parameter = (name: string): Tensor => given.get(name)!; // the network's own names
    const normalization = runningStatistics(engine, given);
    const nn = execute(engine, { parameter, normalization, sites: NO_HOOKS });
    const features = network.forward(nn, tf.tensor(images.values, [...images.shape]) as Tensor);
    return { shape: features.shape, values: Float32Array.from(features.dataSync()) };
  });
}
