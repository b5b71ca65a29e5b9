import type { Network, Operations } from '@ssql/core';

type Shape = readonly number[];

/** A network read for shapes instead of values, in the order in which it names things. */
export interface ShapeReading {
  readonly output: Shape;
  readonly parameters: { readonly [name: string]: Shape };
  /** Parameters that keep their first value. */
  readonly frozen: readonly string[];
  readonly batchNorms: readonly string[];
  readonly sites: readonly string[];
}

export function readShapes(network: Network, input: Shape): ShapeReading {
  const parameters: { [name: string]: Shape } = {};
  const frozen: string[] = [];
  const batchNorms: string[] = [];
  const sites: string[] = [];
  const moved = ([n, h, w]: Shape, size: number, stride: number, padding: number, channels: number): Shape => {
    const side = (length: number): number => Math.floor((length + 2 * padding - size) / stride) + 1;
    return [n!, side(h!), side(w!), channels];
  };
  const nn: Operations<Shape> = {
    conv2d(x, layer, { filters, kernel, stride, padding }) {
      parameters[`${layer}.weight`] = [kernel, kernel, x[3]!, filters];
      return moved(x, kernel, stride, padding, filters);
    },
    batchNorm(x, layer, { affine = true } = {}) {
      batchNorms.push(layer);
      if (affine) for (const name of ['weight', 'bias']) parameters[`${layer}.${name}`] = [x.at(-1)!];
      return x;
    },
    relu: (x) => x,
    add(a, b) {
      if (a.join() !== b.join()) throw new Error(`added [${a.join()}] and [${b.join()}]`);
      return a;
    },
    globalAveragePool: ([n, , , channels]) => [n!, channels!],
    maxPool: (x, { size, stride, padding }) => moved(x, size, stride, padding, x[3]!),
    linear(x, layer, { units, bias }) {
      parameters[`${layer}.weight`] = [x[1]!, units];
      if (bias) parameters[`${layer}.bias`] = [units];
      if (bias === 'frozen') frozen.push(`${layer}.bias`);
      return [x[0]!, units];
    },
    output(x, site) {
      sites.push(site);
      return x;
    },
  };
  return { output: network.forward(nn, input), parameters, frozen, batchNorms, sites };
}
