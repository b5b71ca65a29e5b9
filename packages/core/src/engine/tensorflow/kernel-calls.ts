import * as tf from '@tensorflow/tfjs-core';

export interface KernelCalls {
  /** The running tfjs kernel, for error messages. */
  current(): string | undefined;
  /** Restores the original kernels. */
  end(): void;
}

/** Tracks which kernel of a backend runs. */
export function watchKernels(backendName: string): KernelCalls {
  const running: string[] = [];
  const configs = tf.getKernelsForBackend(backendName);
  const replace = (make: (config: tf.KernelConfig) => tf.KernelConfig): void => {
    for (const config of configs) {
      tf.unregisterKernel(config.kernelName, backendName);
      tf.registerKernel(make(config));
    }
  };
  replace((config) => ({
    ...config,
    kernelFunc(parameters) {
      running.push(config.kernelName);
      try {
        return config.kernelFunc(parameters);
      } finally {
        running.pop();
      }
    },
  }));
  return { current: () => running.at(-1), end: () => replace((config) => config) };
}
