import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { wasmConvolutionKernels } from './wasm-convolution.js';

/** Registers kernels that training needs and that the wasm backend lacks or computes slowly. Replaces the backend's own. */
export function registerWasmKernels(): void {
  for (const kernel of [...wasmConvolutionKernels, unsortedSegmentSum]) {
    if (tf.getKernel(kernel.kernelName, kernel.backendName)) tf.unregisterKernel(kernel.kernelName, kernel.backendName);
    tf.registerKernel(kernel);
  }
}

/** The gradient of gather: sums the rows of x that have the same segment id. */
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
    // The kernel is asked for the gradients of float tensors only.
    const values = wasm.readSync(x.dataId) as Float32Array;
    const segments = wasm.readSync(segmentIds.dataId) as Int32Array;
    segments.forEach((segment, row) => {
      if (segment < 0 || segment >= numSegments) return;
      for (let i = 0; i < rowSize; i++) sums[segment * rowSize + i]! += values[row * rowSize + i]!;
    });
    return wasm.makeOutput(shape, 'float32', undefined, sums);
  },
};
