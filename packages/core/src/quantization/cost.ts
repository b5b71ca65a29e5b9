import { shapeReading, type Shape } from '../nn/describe.js';
import type { Network, Operations } from '../nn/network.js';
import type { PinnedSites } from './pins.js';
import type { Bits, Precision } from './precision.js';

/** What a network computes for one image at a precision. */
export interface NetworkCost {
  /** Multiplications with weights; those of batch norms, which fold into them, are not counted. */
  readonly macs: number;
  /** Bit operations: each multiplication times the bit widths of both its factors, as in arXiv 2005.07093, section 4; float is 32. */
  readonly bops: number;
  /** Bytes that weights, biases and batch norms take, without scales and zero points. */
  readonly bytes: number;
  /** In the order in which they are computed. */
  readonly layers: readonly LayerCost[];
}

export interface LayerCost {
  readonly layer: string;
  readonly macs: number;
  readonly bops: number;
  /** Bit widths of the weights and of what they are multiplied with. */
  readonly precision: Precision;
}

/**
 * Counts what a network computes for one image [H,W,C]. An output keeps its bit width from its site to the next layer, over ReLUs and
 * max pools; sums, means and the image itself are float until they pass a site.
 * @param pins of its sites; they hold on a side that is quantized
 */
export function costOf(network: Network, image: Shape, precision: Precision, pins: PinnedSites): NetworkCost {
  const layers: LayerCost[] = [];
  const { operations: shapes, noted } = shapeReading();
  const bitsAt = (side: 'weights' | 'activations', site: string): Bits =>
    precision[side] === 'float' ? 'float' : (pins[side].get(site) ?? precision[side]);
  /** Notes a layer each of whose outputs is a sum of `terms` products. */
  const layer = (name: string, shape: Shape, terms: number, inputs: Bits): Value => {
    const macs = product(shape.slice(1)) * terms;
    const weights = bitsAt('weights', name);
    const bops = macs * width(weights) * width(inputs);
    layers.push({ layer: name, macs, bops, precision: { weights, activations: inputs } });
    return { shape, bits: 'float' };
  };
  const nn: Operations<Value> = {
    conv2d: ({ shape, bits }, name, options) =>
      layer(name, shapes.conv2d(shape, name, options), options.kernel ** 2 * (shape[3] ?? 0), bits),
    depthwiseConv2d: ({ shape, bits }, name, options) =>
      layer(name, shapes.depthwiseConv2d(shape, name, options), options.kernel ** 2, bits),
    linear: ({ shape, bits }, name, options) => layer(name, shapes.linear(shape, name, options), shape[1] ?? 0, bits),
    batchNorm: ({ shape }, name, options) => ({ shape: shapes.batchNorm(shape, name, options), bits: 'float' }),
    relu: (x) => x,
    relu6: (x) => x,
    add: (a, b) => ({ shape: shapes.add(a.shape, b.shape), bits: 'float' }),
    globalAveragePool: ({ shape }) => ({ shape: shapes.globalAveragePool(shape), bits: 'float' }),
    maxPool: ({ shape, bits }, options) => ({ shape: shapes.maxPool(shape, options), bits }),
    output: ({ shape }, site) => ({ shape: shapes.output(shape, site), bits: bitsAt('activations', site) }),
  };
  // Batch norm refuses a batch of one; the batch is left out of every count.
  network.forward(nn, { shape: [2, ...image], bits: 'float' });

  const bits = noted().parameters.map(({ name, shape, role }) => {
    const site =
      role === 'convolution' || role === 'linear' ? bitsAt('weights', name.replace(/\.weight$/, '')) : 'float';
    return product(shape) * width(site);
  });
  return {
    macs: sum(layers.map(({ macs }) => macs)),
    bops: sum(layers.map(({ bops }) => bops)),
    bytes: Math.ceil(sum(bits) / 8),
    layers,
  };
}

interface Value {
  readonly shape: Shape;
  readonly bits: Bits;
}

function width(bits: Bits): number {
  return bits === 'float' ? 32 : bits;
}

function product(shape: Shape): number {
  return shape.reduce((all, length) => all * length, 1);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
