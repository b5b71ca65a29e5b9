import type { KernelBackend, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js';
import type { Attribute } from './attributes.js';
import type { Binding, TensorMetadata } from './binding.js';

/** A tensor's entry in tfjs-node's backend: its `values` until they are first needed, then the `id` of the binding's tensor. */
interface Stored {
  shape: number[];
  dtype: number;
  values: ArrayLike<number> | null;
  id: number;
}

/** The members of tfjs-node's backend that this file uses; its declarations make them private. */
interface KernelSurface extends KernelBackend {
  readonly tensorMap: { get(dataId: object): Stored };
  getInputTensorIds(tensors: readonly (TensorInfo | Tensor)[]): number[];
  createOutputTensor(metadata: TensorMetadata): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly Tensor[],
    outputs: number,
  ): Tensor[];
}
const NodeBackend = NodeJSKernelBackend as unknown as new (binding: Binding, packageName: string) => KernelSurface;

/**
 * The backend of tfjs-node over our binding. It adds two things for tracing: placeholder inputs for tensors of later calls, and
 * tensors first uploaded inside a trace, which are constants of that graph only and get their values back after it.
 */
export class TensorFlowBackend extends NodeBackend {
  #born: { readonly stored: Stored; readonly values: ArrayLike<number> }[] = [];

  constructor(readonly native: Binding) {
    super(native, '@tensorflow/tfjs-node-gpu');
  }

  override getInputTensorIds(tensors: readonly (TensorInfo | Tensor)[]): number[] {
    if (this.native.tracing) {
      for (const { dataId } of tensors) {
        const stored = dataId === undefined ? undefined : this.stored(dataId);
        if (stored?.values != null) this.#born.push({ stored, values: stored.values });
      }
    }
    return super.getInputTensorIds(tensors);
  }

  /** Runs `body` with other ids for the tensors; afterwards tensors created meanwhile can be uploaded again. */
  withIds<T>(tensors: readonly Tensor[], ids: readonly number[], body: () => T): T {
    const stored = tensors.map(({ dataId }) => this.stored(dataId));
    const storedIds = stored.map(({ id }) => id);
    stored.forEach((entry, index) => (entry.id = ids[index]!));
    try {
      return body();
    } finally {
      stored.forEach((entry, index) => (entry.id = storedIds[index]!));
      for (const { stored: entry, values } of this.#born) Object.assign(entry, { values, id: -1 });
      this.#born = [];
    }
  }

  /** Ids of tensors in the binding, uploaded if necessary. */
  ids(tensors: readonly Tensor[]): number[] {
    return this.getInputTensorIds(tensors);
  }

  dtypeOf(tensor: Tensor): number {
    return this.stored(tensor.dataId).dtype;
  }

  /** The tfjs tensor for a tensor of the binding. */
  adopt(metadata: TensorMetadata): Tensor {
    return this.createOutputTensor(metadata);
  }

  /** A raw TensorFlow operation. */
  raw(name: string, attributes: readonly Attribute[], inputs: readonly Tensor[], outputs: number): Tensor[] {
    return this.executeMultipleOutputs(name, attributes, inputs, outputs);
  }

  private stored(dataId: object): Stored {
    return this.tensorMap.get(dataId);
  }
}
