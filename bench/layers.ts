import type { Network, Operations } from '@ssql/core';

/** A layer that multiplies, with the size of its input. */
export type Layer =
  | {
      readonly kind: 'convolution';
      /** Height, width and channels. */
      readonly input: readonly [number, number, number];
      readonly filters: number;
      readonly kernel: number;
      readonly stride: number;
      readonly padding: number;
    }
  | { readonly kind: 'linear'; readonly width: number; readonly units: number };

type Shape = readonly number[];

/** The layers of a network that multiply, in order, and its output's shape; shapes are of one image. */
export function layersOf(
  network: Network,
  input: Shape,
): { readonly layers: readonly Layer[]; readonly output: Shape } {
  const layers: Layer[] = [];
  const operations: Operations<Shape> = {
    conv2d(x, _, { filters, kernel, stride, padding }) {
      const [height = 0, width = 0, channels = 0] = x;
      layers.push({ kind: 'convolution', input: [height, width, channels], filters, kernel, stride, padding });
      return [...windows([height, width], kernel, stride, padding), filters];
    },
    depthwiseConv2d() {
      throw new Error('The bench does not count depthwise convolutions. Measure a network without them.');
    },
    linear([width = 0], _, { units }) {
      layers.push({ kind: 'linear', width, units });
      return [units];
    },
    weightNormLinear([width = 0], _, { units }) {
      layers.push({ kind: 'linear', width, units });
      return [units];
    },
    batchNorm: (x) => x,
    relu: (x) => x,
    relu6: (x) => x,
    gelu: (x) => x,
    unitLength: (x) => x,
    add: (a) => a,
    globalAveragePool: ([, , channels = 0]) => [channels],
    maxPool: ([height = 0, width = 0, channels = 0], { size, stride, padding }) => [
      ...windows([height, width], size, stride, padding),
      channels,
    ],
    output: (x) => x,
  };
  const output = network.forward(operations, input);
  return { layers, output };
}

/** Multiplications, each with an addition, for one image. */
export function macsOf(layer: Layer): number {
  if (layer.kind === 'linear') return layer.width * layer.units;
  const { input, filters, kernel, stride, padding } = layer;
  const [height, width, channels] = input;
  const pixels = windows([height, width], kernel, stride, padding).reduce((product, side) => product * side, 1);
  return pixels * filters * kernel ** 2 * channels;
}

function windows(sides: Shape, size: number, stride: number, padding: number): number[] {
  return sides.map((side) => Math.floor((side + 2 * padding - size) / stride) + 1);
}
