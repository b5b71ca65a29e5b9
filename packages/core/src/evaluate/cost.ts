import { shapeInterpretation, type Shape } from '../nn/describe.js';
import type { Network, Operations } from '../nn/network.js';
import type { PinnedSites } from '../quantization/pins.js';
import type { LayerCost, NetworkCost } from '../kinds/assigner.js';
import type { Bits, Precision } from '../quantization/precision.js';

/**
 * Computes the cost of a network for one image [H,W,C]. An output keeps its bit width from its site to the next layer, through ReLUs and
 * max pools; sums, means and the image itself are float until they pass a site.
 * @param pins pins of its sites; they apply to operands that are quantized
 */
export function costOf(network: Network, image: Shape, precision: Precision, pins: PinnedSites): NetworkCost {
  const layers: LayerCost[] = [];
  const { operations: shapes, noted } = shapeInterpretation();
  const bitsAt = (operand: 'weights' | 'activations', site: string): Bits =>
    precision[operand] === 'float' ? 'float' : (pins[operand].get(site) ?? precision[operand]);
  /** Records a layer whose outputs are sums of `terms` products. */
  const layer = (
    name: string,
    shape: Shape,
    terms: number,
    { site }: Value,
    weights = bitsAt('weights', name),
  ): Value => {
    const macs = product(shape.slice(1)) * terms;
    const parameters = terms * (shape.at(-1) ?? 0);
    const activations = site === undefined ? 'float' : bitsAt('activations', site);
    const bops = macs * width(weights) * width(activations);
    const inputSite = site === undefined ? {} : { inputSite: site };
    layers.push({ layer: name, parameters, ...inputSite, macs, bops, precision: { weights, activations } });
    return { shape };
  };
  const nn: Operations<Value> = {
    conv2d: (x, name, options) =>
      layer(name, shapes.conv2d(x.shape, name, options), options.kernel ** 2 * (x.shape[3] ?? 0), x),
    depthwiseConv2d: (x, name, options) =>
      layer(name, shapes.depthwiseConv2d(x.shape, name, options), options.kernel ** 2, x),
    linear: (x, name, options) => layer(name, shapes.linear(x.shape, name, options), x.shape[1] ?? 0, x),
    batchNorm: ({ shape }, name, options) => ({ shape: shapes.batchNorm(shape, name, options) }),
    relu: (x) => x,
    weightNormLinear: (x, name, options) =>
      layer(name, shapes.weightNormLinear(x.shape, name, options), x.shape[1] ?? 0, x, 'float'),
    relu6: (x) => x,
    gelu: ({ shape }) => ({ shape }),
    unitLength: ({ shape }) => ({ shape: shapes.unitLength(shape) }),
    add: (a, b) => ({ shape: shapes.add(a.shape, b.shape) }),
    globalAveragePool: ({ shape }) => ({ shape: shapes.globalAveragePool(shape) }),
    maxPool: ({ shape, site }, options) => ({ shape: shapes.maxPool(shape, options), ...(site && { site }) }),
    output: ({ shape }, site) => ({ shape: shapes.output(shape, site), site }),
  };
  // A batch of two, because batch norm rejects a batch of one; no count includes the batch.
  network.forward(nn, { shape: [2, ...image] });

  const { parameters, weightSites } = noted();
  const sites = new Map(weightSites.map((site) => [`${site}.weight`, site]));
  const bits = parameters.map(({ name, shape }) => {
    const site = sites.get(name);
    return product(shape) * width(site === undefined ? 'float' : bitsAt('weights', site));
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
  /** The output site that it passed; without one it is float. */
  readonly site?: string;
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
