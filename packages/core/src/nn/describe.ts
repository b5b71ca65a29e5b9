import { isDeepStrictEqual } from 'node:util';
import { checkBatchNorm } from '../engine/engine-errors.js';
import { isCount, shown } from '../values.js';
import { networkInvalid } from './nn-errors.js';
import type { Network, Operations } from './network.js';

export type Shape = readonly number[];

/** A tensor that training changes, or a bias that keeps its initial value. */
export interface Parameter {
  readonly name: string;
  /** Convolution [H,W,in,out], with in = 1 if depthwise; linear [in,out]; else [channels]. */
  readonly shape: Shape;
  /** Its role in the layer, which determines its initial value. */
  readonly role: 'convolution' | 'convolution bias' | 'linear' | 'bias' | 'scale' | 'shift';
  /** Inputs of each unit of its layer; 0 for batch norms. */
  readonly fanIn: number;
  readonly frozen: boolean;
  /** Whether the weights of each unit [in,out] are scaled to length 1 before each step. */
  readonly unitLength?: boolean;
  /** The initial value of each element, if not determined by the role. */
  readonly initial?: number;
}

/** The running mean or variance of a batch norm. */
export interface Statistic {
  readonly name: string;
  readonly shape: Shape;
  readonly role: 'mean' | 'variance';
}

/** The shapes of a network's tensors and sites, in the network's order. */
export interface NetworkDescription {
  readonly parameters: readonly Parameter[];
  readonly statistics: readonly Statistic[];
  /** Layers whose weights can be quantized. */
  readonly weightSites: readonly string[];
  /** Outputs that can be quantized. */
  readonly outputSites: readonly string[];
  /** Shapes of the weights and of the outputs at sites. */
  readonly siteShapes: {
    readonly weights: ReadonlyMap<string, Shape>;
    readonly activations: ReadonlyMap<string, Shape>;
  };
  readonly output: Shape;
}

/** A network of more tensors of weights is a mistake, and would take for ever to list. ResNet-1001 has three thousand. */
const MOST_PARAMETERS = 30_000;
/** Of channels, units and sides of windows: products of four of them are still numbers. */
const LARGEST_SIZE = 2 ** 31 - 1;

/**
 * Lists a network's parameters, statistics and sites for inputs of a shape, [N,H,W,C] or [N,C].
 * @throws SsqlError BATCH_NORM_OF_ONE; NETWORK_INVALID if shapes do not match, if two layers or outputs of one name differ, or if
 * there are too many
 */
export function describe(network: Network, input: Shape): NetworkDescription {
  const { operations, noted } = shapeInterpretation();
  const output = network.forward(operations, input);
  return { ...noted(), output };
}

/** The interpretation of a network in which `T` is a shape, and what it has recorded. */
export function shapeInterpretation(): {
  readonly operations: Operations<Shape>;
  noted(): Omit<NetworkDescription, 'output'>;
} {
  const parameters = new Map<string, Parameter>();
  const statistics = new Map<string, Statistic>();
  const weightSites = new Map<string, Shape>();
  const outputSites = new Map<string, Shape>();
  const add = <T extends Parameter | Statistic>(to: Map<string, T>, entry: T): void => {
    const known = to.get(entry.name) ?? entry;
    refuseShapes(entry.name, known.shape, entry.shape);
    if (!isDeepStrictEqual(known, entry))
      throw networkInvalid(`${entry.name} belongs to two layers of the same name that differ; give each its own name`);
    to.set(entry.name, entry);
    if (to.size > MOST_PARAMETERS) throw networkInvalid(`it has more than ${MOST_PARAMETERS} tensors of weights`);
  };
  const weight = (layer: string, role: 'convolution' | 'linear', shape: Shape, unitLength = false): void => {
    const fanIn = shape.slice(0, -1).reduce((product, length) => product * length, 1);
    const unit = unitLength ? { unitLength } : {};
    add(parameters, { name: `${layer}.weight`, shape, role, fanIn, frozen: false, ...unit });
    weightSites.set(layer, shape);
  };
  const addBias = (layer: string, shape: Shape, fanIn: number): void =>
    add(parameters, { name: `${layer}.bias`, shape, role: 'convolution bias', fanIn, frozen: false });
  const operations: Operations<Shape> = {
    conv2d(x, layer, { filters, kernel, stride, padding, bias = false }) {
      refuseFlags(layer, { bias });
      const [, , , channels] = images(x, layer);
      refuseSizes(layer, { filters, kernel, stride, padding });
      weight(layer, 'convolution', [kernel, kernel, channels, filters]);
      if (bias) addBias(layer, [filters], kernel * kernel * channels);
      return window(x, layer, { size: kernel, stride, padding, channels: filters });
    },
    depthwiseConv2d(x, layer, { kernel, stride, padding, bias = false }) {
      refuseFlags(layer, { bias });
      const [, , , channels] = images(x, layer);
      refuseSizes(layer, { kernel, stride, padding });
      weight(layer, 'convolution', [kernel, kernel, 1, channels]);
      if (bias) addBias(layer, [channels], kernel * kernel);
      return window(x, layer, { size: kernel, stride, padding, channels });
    },
    batchNorm(x, layer, { affine = true, initialScale: initial = 1 } = {}) {
      checkBatchNorm(x, layer);
      refuseFlags(layer, { affine });
      if (!Number.isFinite(initial))
        throw networkInvalid(`${layer} has \`initialScale\` ${shown(initial)}; expected a finite number`);
      const shape = [x.at(-1) ?? 0];
      if (affine) {
        add(parameters, { name: `${layer}.weight`, shape, role: 'scale', fanIn: 0, frozen: false, initial });
        add(parameters, { name: `${layer}.bias`, shape, role: 'shift', fanIn: 0, frozen: false });
      }
      add(statistics, { name: `${layer}.running_mean`, shape, role: 'mean' });
      add(statistics, { name: `${layer}.running_var`, shape, role: 'variance' });
      return x;
    },
    relu: (x) => x,
    relu6: (x) => x,
    gelu: (x) => x,
    unitLength(x) {
      rows(x, 'a division by lengths');
      return x;
    },
    add(a, b) {
      if (a.join() !== b.join())
        throw networkInvalid(`it adds tensors of different shapes, [${a.join()}] and [${b.join()}]`);
      return a;
    },
    globalAveragePool(x) {
      const [count, , , channels] = images(x, 'the global average pool');
      return [count, channels];
    },
    maxPool(x, { size, stride, padding }) {
      refuseSizes('a max pool', { size, stride, padding });
      return window(x, 'a max pool', { size, stride, padding, channels: images(x, 'a max pool')[3] });
    },
    linear(x, layer, { units, bias, unitWeights = false }) {
      refuseFlags(layer, { bias: bias === 'frozen' || bias, unitWeights });
      const [count, width] = rows(x, `${layer} is linear and`);
      refuseSizes(layer, { units });
      weight(layer, 'linear', [width, units], unitWeights);
      if (bias !== false) {
        const name = `${layer}.bias`;
        add(parameters, { name, shape: [units], role: 'bias', fanIn: width, frozen: bias === 'frozen' });
      }
      return [count, units];
    },
    weightNormLinear(x, layer, { units }) {
      const [count, width] = rows(x, `${layer} is linear and`);
      refuseSizes(layer, { units });
      const shared = { fanIn: width, frozen: false };
      add(parameters, { name: `${layer}.weight_v`, shape: [width, units], role: 'linear', ...shared });
      add(parameters, { name: `${layer}.weight_g`, shape: [1, units], role: 'scale', ...shared, frozen: true });
      return [count, units];
    },
    output(x, site) {
      refuseShapes(site, outputSites.get(site) ?? x, x);
      outputSites.set(site, x);
      return x;
    },
  };
  const noted = (): Omit<NetworkDescription, 'output'> => ({
    parameters: [...parameters.values()],
    statistics: [...statistics.values()],
    weightSites: [...weightSites.keys()],
    outputSites: [...outputSites.keys()],
    siteShapes: { weights: weightSites, activations: outputSites },
  });
  return { operations, noted };
}

function images(x: Shape, where: string): [number, number, number, number] {
  if (x.length !== 4) throw networkInvalid(`${where} needs images [N,H,W,C], not [${x.join()}]`);
  return [...x] as [number, number, number, number];
}

function rows(x: Shape, where: string): [number, number] {
  if (x.length !== 2) throw networkInvalid(`${where} needs [N,C], not [${x.join()}]`);
  return [...x] as [number, number];
}

/** A padding may be 0; other sizes may not. */
function refuseSizes(where: string, sizes: { readonly [option: string]: number }): void {
  for (const [option, size] of Object.entries(sizes)) {
    const least = option === 'padding' ? 0 : 1;
    if (!isCount(size, least) || size > LARGEST_SIZE)
      throw networkInvalid(
        `${where} has \`${option}\` ${shown(size)}; expected a whole number of at least ${least}, below 2 ** 31`,
      );
  }
}

function refuseFlags(layer: string, flags: { readonly [option: string]: unknown }): void {
  for (const [option, flag] of Object.entries(flags))
    if (typeof flag !== 'boolean')
      throw networkInvalid(`${layer} has \`${option}\` ${shown(flag)}; expected true or false`);
}

function refuseShapes(name: string, known: Shape, shape: Shape): void {
  if (known.join() !== shape.join())
    throw networkInvalid(`${name} is [${known.join()}] in one place and [${shape.join()}] in another`);
}

interface Window {
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
  readonly channels: number;
}

function window(x: Shape, where: string, { size, stride, padding, channels }: Window): Shape {
  const [count, height, width] = images(x, where);
  const side = (length: number): number => Math.floor((length + 2 * padding - size) / stride) + 1;
  const output = [count, side(height), side(width), channels];
  if (output.some((length) => length < 1))
    throw networkInvalid(
      `${where} turns [${x.join()}] into [${output.join()}]: the image is too small for the network`,
    );
  return output;
}
