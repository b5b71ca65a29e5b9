import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js';
import type { Engine, Threads } from '../engine.js';
import { asStep, guardedTf } from '../random-operations.js';
import { engineOpen } from '../engine-errors.js';
import { registerGradients } from '../gradients.js';
import { TensorFlowBackend } from './backend.js';
import { Binding } from './binding.js';
import { fusedOps } from './fused-ops.js';
import { watchKernels } from './kernel-calls.js';
import { loadLibrary } from './library.js';
import { compileStep } from './trace.js';

/**
 * Opens libtensorflow as the tfjs backend of this process.
 * @param files the shared libraries in load order; the last is libtensorflow_cc
 * @throws SsqlError ENGINE_LIBRARY_BROKEN
 */
export function openTensorFlowEngine(files: readonly string[], threads: Threads): Engine {
  const library = loadLibrary(files);
  registerGradients();
  const kernels = watchKernels('tensorflow');
  const binding = new Binding(library, threads, () => kernels.current());
  const backend = new TensorFlowBackend(binding);
  if (!tf.registerBackend('tensorflow', () => backend as never, 5)) throw engineOpen();
  void tf.setBackend('tensorflow');
  let current = threads;
  return {
    get info() {
      return { name: 'tensorflow', version: binding.TF_Version, device: binding.device, threads: current } as const;
    },
    tf: guardedTf,
    ops: fusedOps(backend),
    compile: (step, initial, inputs, precision = 'float32') =>
      asStep(() => compileStep(backend, step, initial, inputs, precision)),
    // On a GPU, threads matter little, and a second context would take memory of the GPU.
    ...(binding.device === 'cpu' && {
      useThreads(next: Threads) {
        binding.useThreads(next);
        current = next;
      },
    }),
    memory: () => ({ tensors: tf.memory().numTensors, handles: binding.getNumOfTensors() }),
    async activate() {
      await tf.setBackend('tensorflow');
    },
    close() {
      tf.removeBackend('tensorflow');
      binding.close();
      kernels.end();
    },
  };
}
