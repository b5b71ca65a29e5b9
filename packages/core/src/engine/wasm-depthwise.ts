import * as tf from '@tensorflow/tfjs-core';
import { dilate, explicit, spread, wasmKernel, type Geometry } from './wasm-convolution.js';

/**
 * The two gradients of a depthwise convolution as kernels of the wasm backend, which lacks them, composed of its other kernels.
 * The cpu backend's kernels take six to twenty times as long.
 */
export const wasmDepthwiseGradients: readonly tf.KernelConfig[] = [
  wasmKernel(tf.DepthwiseConv2dNativeBackpropFilter, ({ x, dy }, attributes) => {
    const { filterShape } = attributes as unknown as tf.DepthwiseConv2dNativeBackpropFilterAttrs;
    const { shape } = x as tf.Tensor4D;
    return weightGradient(x as tf.Tensor4D, dy as tf.Tensor4D, geometry(shape, filterShape, attributes));
  }),
  wasmKernel(tf.DepthwiseConv2dNativeBackpropInput, ({ dy, filter }, attributes) => {
    const { inputShape } = attributes as unknown as tf.DepthwiseConv2dNativeBackpropInputAttrs;
    const { shape } = filter as tf.Tensor4D;
    return inputGradient(dy as tf.Tensor4D, filter as tf.Tensor4D, geometry(inputShape, shape, attributes));
  }),
];

/**
 * dL/dfilter [kh,kw,C,M]: at each filter position, the sum over images and pixels of the output gradient, dilated by the stride,
 * times the part of x of the same size that starts at that position.
 */
function weightGradient(x: tf.Tensor4D, dy: tf.Tensor4D, at: Geometry): tf.Tensor4D {
  const dilated = dilate(dy, at.strideHeight, at.strideWidth);
  const [count, height, width, channels] = dilated.shape;
  const { top, left } = at.padInfo;
  const [bottom, right] = [
    Math.max(0, at.filterHeight - 1 + height - top - at.inHeight),
    Math.max(0, at.filterWidth - 1 + width - left - at.inWidth),
  ];
  const padded = tf.pad4d(
    repeated(x, channels / at.inChannels),
    explicit(top, bottom, left, right) as NetworkQuantization,
  );
  const ones = tf.ones<tf.Rank.R2>([1, count * height * width]);
  const places = Array.from({ length: at.filterHeight * at.filterWidth }, (_, location) =>
    tf.tidy(() => {
      const from = [0, Math.floor(location / at.filterWidth), location % at.filterWidth, 0] as const;
      const products = tf.mul(tf.slice4d(padded, [...from], dilated.shape), dilated);
      // As in batch norm: tf.sum over the first axis transposes first.
      return tf.matMul(ones, tf.reshape(products, [count * height * width, channels]));
    }),
  );
  return tf.reshape(tf.concat(places), [at.filterHeight, at.filterWidth, at.inChannels, channels / at.inChannels]);
}

/** dL/dx [N,H,W,C] as the depthwise convolution of the output gradient with the filter rotated by 180 degrees. */
function inputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, at: Geometry): tf.Tensor4D {
  const { x, padding } = spread(dy, at);
  const padded = tf.pad4d(x, explicit(...padding) as NetworkQuantization);
  const [height, width, channels, filters] = filter.shape;
  const turned = tf.reverse4d(tf.reshape(filter, [height, width, channels * filters, 1]), [0, 1]);
  const gradient: tf.Tensor4D = tf.depthwiseConv2d(padded, turned, 1, 'valid');
  return filters === 1 ? gradient : tf.sum(tf.reshape(gradient, [...at.inShape, filters]), 4);
}

/** Repeats each channel once per filter of that channel. */
function repeated(x: tf.Tensor4D, filters: number): tf.Tensor4D {
  if (filters === 1) return x;
  const [count, height, width, channels] = x.shape;
  return tf.reshape(tf.tile(tf.expandDims(x, 4), [1, 1, 1, 1, filters]), [count, height, width, channels * filters]);
}

/** The paddings argument of `pad4d`. */
type NetworkQuantization = Parameters<typeof tf.pad4d>[1];

function geometry(
  inputShape: tf.Tensor4D['shape'],
  filterShape: tf.Tensor4D['shape'],
  attributes: tf.NamedAttrMap | undefined,
): Geometry {
  const { strides, pad, dimRoundingMode } = attributes as unknown as tf.DepthwiseConv2dNativeBackpropInputAttrs;
  return tf.backend_util.computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode, true);
}
