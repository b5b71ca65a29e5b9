import * as tf from '@tensorflow/tfjs-core';
import type { ConvolutionOptions } from '../neural-ops.js';
import { lowerStridedPointwise } from '../strided-pointwise.js';
import { AttributeKind, DataType } from './attributes.js';
import type { TensorFlowBackend } from './backend.js';

/** x [N,H,W,C], filter [kh,kw,C,F] -> [N,H',W',F], zeros on every side of x. */
export function convolution(
  backend: TensorFlowBackend,
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  options: ConvolutionOptions,
): tf.Tensor4D {
  // libtensorflow 2.21 corrupts the heap in the filter gradient of strided 1x1 convolutions with few channels (oneDNN).
  const lowered = lowerStridedPointwise({ x, filter, options });
  const { stride, padding } = lowered.options;
  const [kernelHeight, kernelWidth] = filter.shape;
  if (stride === 1 && kernelHeight === 2 * padding + 1 && kernelWidth === 2 * padding + 1)
    return padded(backend, lowered.x, filter, 1, 'same');
  const sides: [number, number][] = [
    [0, 0],
    [padding, padding],
    [padding, padding],
    [0, 0],
  ];
  return padded(backend, padding === 0 ? lowered.x : tf.pad(lowered.x, sides), filter, stride, 'valid');
}

function padded(
  backend: TensorFlowBackend,
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  stride: number,
  padding: 'same' | 'valid',
): tf.Tensor4D {
  const outputs = x.shape.slice(1, 3).map((size, axis) => outputSize(size, filter.shape[axis]!, stride, padding));
  const { precision, device } = backend.native;
  if (precision === 'float32' || device === 'gpu' || !multipliesFaster(x, filter, stride, outputs))
    return tf.conv2d(x, filter, stride, padding);
  const convolve = tf.customGrad((...operands) => {
    const [image, kernel, save] = operands as [tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc];
    const [x16, kernel16] = [narrowed(backend, image), narrowed(backend, kernel)];
    save([x16, kernel16]);
    return {
      value: tf.conv2d(x16, kernel16, stride, padding),
      gradFunc(dy: tf.Tensor, saved) {
        const [savedX, savedKernel] = saved as [tf.Tensor4D, tf.Tensor4D];
        return [
          tf.conv2dTranspose(dy as tf.Tensor4D, savedKernel, x.shape, stride, padding),
          filterGradient(savedX, dy as tf.Tensor4D, filter.shape, stride, padding),
        ];
      },
    };
  });
  return convolve(x, filter) as tf.Tensor4D; // customGrad's type loses the rank
}

function outputSize(size: number, kernel: number, stride: number, padding: 'same' | 'valid'): number {
  return Math.ceil((padding === 'same' ? size : size - kernel + 1) / stride);
}

/** The largest matrix of patches that is worth its memory, in elements. */
const MOST_PATCHES = 2 ** 24;

/**
 * Whether a matrix product computes the filter gradient in bfloat16 faster than oneDNN's convolution, which takes up to four times as
 * long where outputs are small or strided.
 */
function multipliesFaster(
  x: tf.Tensor4D,
  { shape: [height, width, channels] }: tf.Tensor4D,
  stride: number,
  [rows = 0, columns = 0]: readonly number[],
): boolean {
  if (height * width === 1 || x.shape[0] * rows * columns * height * width * channels > MOST_PATCHES) return false;
  return stride > 1 || rows * columns <= 64;
}

/** The gradient of the filter as one matrix product: patches of x [N H' W', kh kw C], transposed, times dy [N H' W', F]. */
function filterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  shape: [number, number, number, number],
  stride: number,
  padding: 'same' | 'valid',
): tf.Tensor4D {
  const [kernelHeight, kernelWidth, channels, filters] = shape;
  const [batch, rows, columns] = dy.shape;
  const around = (kernel: number): [number, number] =>
    padding === 'same' ? [(kernel - 1) / 2, (kernel - 1) / 2] : [0, 0];
  const whole = padding === 'same' ? tf.pad4d(x, [[0, 0], around(kernelHeight), around(kernelWidth), [0, 0]]) : x;
  const [, height, width] = whole.shape;
  // A pixel's channels lie together, so a gather of pixels makes the patches in one pass.
  const positions = batch * rows * columns;
  const pixels = new Int32Array(positions * kernelHeight * kernelWidth);
  let next = 0;
  for (let image = 0; image < batch; image++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        for (let y = row * stride; y < row * stride + kernelHeight; y++)
          for (let at = column * stride; at < column * stride + kernelWidth; at++)
            pixels[next++] = (image * height + y) * width + at;
  const patches = tf.gather(tf.reshape(whole, [batch * height * width, channels]), tf.tensor1d(pixels, 'int32'));
  const matrix: tf.Tensor2D = tf.reshape(patches, [positions, kernelHeight * kernelWidth * channels]);
  const product = tf.matMul(matrix, tf.reshape(dy, [positions, filters]), true, false);
  return tf.reshape(product, shape);
}

/** x in bfloat16, which to tfjs is float32 all the same. */
function narrowed<T extends tf.Tensor>(backend: TensorFlowBackend, x: T): T {
  const attributes = [
    { name: 'SrcT', type: AttributeKind.type, value: DataType.float32 },
    { name: 'DstT', type: AttributeKind.type, value: DataType.bfloat16 },
    { name: 'Truncate', type: AttributeKind.bool, value: false },
  ];
  return backend.raw('Cast', attributes, [x], 1)[0] as T;
}
