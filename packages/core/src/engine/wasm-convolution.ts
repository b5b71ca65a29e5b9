import * as tf from '@tensorflow/tfjs-core';

/** A convolution's stride, padding and sizes, as tfjs computes them. */
export type Geometry = tf.backend_util.Conv2DInfo;

/**
 * The two gradients of a convolution as kernels of the wasm backend, each written as a forward convolution: the backend has no
 * kernel for the weight gradient, and its kernel for the input gradient is several times slower than this one.
 */
export const wasmConvolutionGradients: readonly tf.KernelConfig[] = [
  wasmKernel(tf.Conv2DBackpropFilter, ({ x, dy }, attributes) => {
    const { filterShape } = attributes as unknown as tf.Conv2DBackpropFilterAttrs;
    return weightGradient(
      x as tf.Tensor4D,
      dy as tf.Tensor4D,
      geometry((x as tf.Tensor4D).shape, filterShape, attributes),
    );
  }),
  wasmKernel(tf.Conv2DBackpropInput, ({ dy, filter }, attributes) => {
    const { inputShape } = attributes as unknown as tf.Conv2DBackpropInputAttrs;
    const { shape } = filter as tf.Tensor4D;
    return inputGradient(dy as tf.Tensor4D, filter as tf.Tensor4D, geometry(inputShape, shape, attributes));
  }),
];

/**
 * dL/dfilter [kh,kw,C,F] as the convolution of x with its channels as the batch, [C,H,W,N], with the output gradient as the filter,
 * [H',W',N,F], dilated by the stride. If the stride does not divide H + 2p - kh, extra rows are cut off.
 */
function weightGradient(x: tf.Tensor4D, dy: tf.Tensor4D, at: Geometry): tf.Tensor4D {
  const input: tf.Tensor4D = tf.transpose(x, [3, 1, 2, 0]);
  const filter: tf.Tensor4D = tf.transpose(dy, [1, 2, 0, 3]);
  const { top, bottom, left, right } = at.padInfo;
  const gradient = tf.conv2d(input, filter, 1, explicit(top, bottom, left, right), 'NHWC', [
    at.strideHeight,
    at.strideWidth,
  ]);
  const needed = tf.slice4d(gradient, [0, 0, 0, 0], [at.inChannels, at.filterHeight, at.filterWidth, at.outChannels]);
  return tf.transpose(needed, [1, 2, 0, 3]);
}

/**
 * dL/dx [N,H,W,C] as the convolution of the output gradient, with zeros between its pixels if the forward convolution has a stride,
 * with the filter rotated by 180 degrees and its channels swapped.
 */
function inputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, at: Geometry): tf.Tensor4D {
  const turned: tf.Tensor4D = tf.transpose(tf.reverse4d(filter, [0, 1]), [0, 1, 3, 2]);
  const { x, padding } = spread(dy, at);
  return tf.conv2d(x, turned, 1, explicit(...padding));
}

/** The output gradient as input of the input gradient's convolution: dilated by the stride, cropped, with its padding. */
export function spread(
  dy: tf.Tensor4D,
  at: Geometry,
): { readonly x: tf.Tensor4D; readonly padding: readonly [top: number, bottom: number, left: number, right: number] } {
  const dilated = dilate(dy, at.strideHeight, at.strideWidth);
  const [, height, width] = dilated.shape;
  const top = at.filterHeight - 1 - at.padInfo.top;
  const left = at.filterWidth - 1 - at.padInfo.left;
  const bottom = at.inHeight + at.filterHeight - 1 - top - height;
  const right = at.inWidth + at.filterWidth - 1 - left - width;
  const padding = [Math.max(top, 0), Math.max(bottom, 0), Math.max(left, 0), Math.max(right, 0)] as const;
  return { x: crop(dilated, top, bottom, left, right), padding };
}

/** [N,H,W,C] -> [N,H rows,W columns,C]: zeros after each row and column, by padding the last axis of a matrix twice. */
export function dilate(x: tf.Tensor4D, rows: number, columns: number): tf.Tensor4D {
  if (rows === 1 && columns === 1) return x;
  const [batch, height, width, channels] = x.shape;
  const wide = padLast(tf.reshape(x, [batch * height * width, channels]), (columns - 1) * channels);
  const rowSize = width * columns * channels;
  const tall = padLast(tf.reshape(wide, [batch * height, rowSize]), (rows - 1) * rowSize);
  return tf.reshape(tall, [batch, height * rows, width * columns, channels]);
}

function padLast(x: tf.Tensor2D, zeros: number): tf.Tensor2D {
  return tf.pad2d(x, [
    [0, 0],
    [0, zeros],
  ]);
}

/** Cuts off the sides whose padding is negative. */
function crop(x: tf.Tensor4D, top: number, bottom: number, left: number, right: number): tf.Tensor4D {
  if (Math.min(top, bottom, left, right) >= 0) return x;
  const [batch, height, width, channels] = x.shape;
  const [above, before] = [Math.max(-top, 0), Math.max(-left, 0)];
  const [rows, columns] = [height - above - Math.max(-bottom, 0), width - before - Math.max(-right, 0)];
  return tf.slice4d(x, [0, above, before, 0], [batch, rows, columns, channels]);
}

export function explicit(top: number, bottom: number, left: number, right: number): tf.backend_util.ExplicitPadding {
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}

function geometry(inputShape: Shape, filterShape: Shape, attributes: tf.NamedAttrMap | undefined): Geometry {
  const { strides, pad, dimRoundingMode } = attributes as unknown as tf.Conv2DBackpropInputAttrs;
  return tf.backend_util.computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode);
}

type Shape = tf.Tensor4D['shape'];

type Gradient = (inputs: tf.NamedTensorInfoMap, attributes: tf.NamedAttrMap | undefined) => tf.Tensor4D;

/** tfjs passes tensors to a kernel, although its type declares less, and expects one back; only the result outlives the kernel. */
export function wasmKernel(kernelName: string, gradient: Gradient): tf.KernelConfig {
  return { kernelName, backendName: 'wasm', kernelFunc: ({ inputs, attrs }) => tf.tidy(() => gradient(inputs, attrs)) };
}
