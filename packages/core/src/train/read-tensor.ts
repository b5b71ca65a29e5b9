import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tensors } from '../engine/engine.js';

/** A tensor of a step's state or inputs. */
export function readTensor(tensors: Tensors, name: string): Tensor {
  const tensor = tensors[name];
  if (tensor === undefined) throw new Error(`a training step has no tensor ${name}`);
  return tensor;
}
