/**
 * Tensors of tests and of golden files. A golden ships no inputs: a name and a flat index give each number (golden README, "Recipe"), in
 * PyTorch's layout. Make a tensor with `recipe` first (of a golden file: `goldenRecipe` or `recipeNamed`), transpose it to tfjs's layout
 * with one of `toNhwc`, `toHwio`, `toInOut` after; transpose results back with `toNchw`, `toOihw`, `toInOut` before comparing them with a golden's numbers.
 */
export interface HostTensor {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float32Array;
}

/** Makes the tensor of a name: float32(offset + (2u - 1) * scale). */
export type Recipe = (
  name: string,
  shape: readonly number[],
  range?: { readonly scale?: number; readonly offset?: number },
) => HostTensor;

/** The tensor of a whole name. */
export const recipeNamed: Recipe = (name, shape, { scale = 1, offset = 0 } = {}) => {
  const seed = fnv1a(name);
  return {
    shape,
    values: Float32Array.from({ length: size(shape) }, (_, i) => offset + (2 * uniform(seed, i) - 1) * scale),
  };
};

/** The prefix of tensors that belong to tests, as in `test/torch/reference.py`: they are the same whatever golden files are read. */
const OWN_PREFIX = 'open/';

/** A tensor of a test. */
export const recipe: Recipe = (name, shape, range) => recipeNamed(OWN_PREFIX + name, shape, range);

/** The scale of a convolution or linear weight in PyTorch's layout, (out, in, ...): sqrt(6 / fan_in). */
export function weightScale(shape: readonly number[]): number {
  return Math.sqrt(6 / size(shape.slice(1)));
}

/** FNV-1a, 32 bit, of a name's UTF-8 bytes. */
export function fnv1a(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** The i-th hash of a seed, 32 bit: MurmurHash3's finalizer over a Weyl sequence. */
export function hash(seed: number, i: number): number {
  let h = (seed + Math.imul(0x9e3779b9, i + 1)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** u in [0, 1). */
export function uniform(seed: number, i: number): number {
  return hash(seed, i) / 2 ** 32;
}

/** Images and activations, NCHW -> NHWC; matrices and vectors stay as they are. */
export function toNhwc(tensor: HostTensor): HostTensor {
  return tensor.shape.length === 4 ? transpose(tensor, [0, 2, 3, 1]) : tensor;
}

/** NHWC -> NCHW. */
export function toNchw(tensor: HostTensor): HostTensor {
  return tensor.shape.length === 4 ? transpose(tensor, [0, 3, 1, 2]) : tensor;
}

/** Convolution weights, OIHW -> HWIO. */
export function toHwio(tensor: HostTensor): HostTensor {
  return transpose(tensor, [2, 3, 1, 0]);
}

/** HWIO -> OIHW. */
export function toOihw(tensor: HostTensor): HostTensor {
  return transpose(tensor, [3, 2, 0, 1]);
}

/** Linear weights, (out, in) -> (in, out), and back. */
export function toInOut(tensor: HostTensor): HostTensor {
  return transpose(tensor, [1, 0]);
}

/** Axis k of the result is axis `order[k]` of the tensor. */
function transpose({ shape, values }: HostTensor, order: readonly number[]): HostTensor {
  const strides = shape.map((_, axis) => size(shape.slice(axis + 1)));
  const target = order.map((axis) => shape[axis]!);
  const index = target.map(() => 0);
  const moved = new Float32Array(values.length);
  for (let i = 0; i < moved.length; i++) {
    moved[i] = values[order.reduce((at, axis, k) => at + index[k]! * strides[axis]!, 0)]!;
    for (let k = index.length - 1; k >= 0 && ++index[k]! === target[k]; k--) index[k] = 0;
  }
  return { shape: target, values: moved };
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
