export interface LaidOut {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Converts from our layout to PyTorch's: convolution [H,W,I,O] to [O,I,H,W], linear [in,out] to [out,in]; other ranks are unchanged. */
export function toTorch(values: Float32Array, shape: readonly number[]): LaidOut {
  return transpose(values, shape, shape.length === 4 ? [3, 2, 0, 1] : [1, 0]);
}

/** Converts from PyTorch's layout to ours: convolution [O,I,H,W] to [H,W,I,O], linear [out,in] to [in,out]; other ranks are unchanged. */
export function fromTorch(values: Float32Array, shape: readonly number[]): LaidOut {
  return transpose(values, shape, shape.length === 4 ? [2, 3, 1, 0] : [1, 0]);
}

function transpose(values: Float32Array, shape: readonly number[], axes: readonly number[]): LaidOut {
  if (shape.length !== axes.length) return { shape, values };
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
  const moved = axes.map((axis) => shape[axis] ?? 0);
  const steps = axes.map((axis) => strides[axis] ?? 0);
  const result = new Float32Array(values.length);
  let next = 0;
  const copy = (axis: number, offset: number): void => {
    if (axis === axes.length) {
      result[next++] = values[offset] ?? 0;
      return;
    }
    for (let i = 0; i < (moved[axis] ?? 0); i += 1) copy(axis + 1, offset + i * (steps[axis] ?? 0));
  };
  copy(0, 0);
  return { shape: moved, values: result };
}
