import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { wasmConvolutionGradients } from './wasm-convolution.js';
import { wasmDepthwiseGradients } from './wasm-depthwise.js';

/**
 * Registers kernels that training needs and that the wasm backend lacks or computes wrongly. Call it after both backends registered
 * their kernels and before the wasm backend starts.
 */
export function registerWasmKernels(): void {
  // The backend itself has no such kernel, so it was registered here before.
  if (tf.getKernel(tf.UnsortedSegmentSum, 'wasm')) return;
  for (const kernel of [
    ...wasmConvolutionGradients,
    ...wasmDepthwiseGradients,
    unsortedSegmentSum,
    ...WRONG_OR_MISSING.map(computedByCpu),
  ]) {
    if (tf.getKernel(kernel.kernelName, 'wasm')) tf.unregisterKernel(kernel.kernelName, 'wasm');
    tf.registerKernel(kernel);
  }
}

/** Kernels that tfjs-backend-wasm 4.22 lacks or computes wrongly: its MaxPoolGrad misplaces the gradient of a window without positive values. */
const WRONG_OR_MISSING = [tf.MaxPoolGrad];

/** The cpu backend's kernel, in plain JavaScript, over the wasm backend's data. */
function computedByCpu(kernelName: string): tf.KernelConfig {
  const { kernelFunc } = tf.getKernel(kernelName, 'cpu');
  return {
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) =>
      kernelFunc({ inputs, attrs: attrs ?? {}, backend: asCpu(backend as BackendWasm) }),
  };
}

/** The part of the cpu backend that its kernels use to read inputs and write outputs. */
function asCpu(wasm: BackendWasm): object {
  return {
    data: { get: (dataId: object) => ({ values: wasm.readSync(dataId) }) },
    makeTensorInfo: (shape: number[], dtype: tf.DataType, values: tf.backend_util.BackendValues) =>
      wasm.makeOutput(shape, dtype, undefined, values),
  };
}

/** The gradient of gather: sums the rows of x that have the same segment id. (The cpu backend's kernel reads x once per segment.) */
const unsortedSegmentSum: tf.KernelConfig = {
  kernelName: tf.UnsortedSegmentSum,
  backendName: 'wasm',
  kernelFunc({ inputs, attrs, backend }) {
    const { x, segmentIds } = inputs as { x: tf.TensorInfo; segmentIds: tf.TensorInfo };
    const { numSegments } = attrs as unknown as tf.UnsortedSegmentSumAttrs;
    const wasm = backend as BackendWasm;
    const shape = [numSegments, ...x.shape.slice(1)];
    const sums = new Float32Array(tf.util.sizeFromShape(shape));
    const rowSize = sums.length / numSegments;
    // Only gradients of float tensors use the kernel.
    const values = wasm.readSync(x.dataId) as Float32Array;
    const segments = wasm.readSync(segmentIds.dataId) as Int32Array;
    segments.forEach((segment, row) => {
      if (segment < 0 || segment >= numSegments) return;
      for (let i = 0; i < rowSize; i++) sums[segment * rowSize + i]! += values[row * rowSize + i]!;
    });
    return wasm.makeOutput(shape, 'float32', undefined, sums);
  },
};
