import { decodeEntries } from './safetensors.js';
import type { NamedWeights } from '../kinds/run-record.js';

/**
 * Reads the tensors of a safetensors file from another program, converts them to float32, and keeps the PyTorch layout.
 * @throws SsqlError CHECKPOINT_CORRUPT
 */
export function decodeForeignWeights(bytes: Uint8Array): readonly NamedWeights[] {
  const { entries } = decodeEntries(bytes, BYTES);
  return entries.map(({ name, shape, dtype, buffer }) => ({ name, shape, values: READERS[dtype](buffer) }));
}

const READERS = {
  F32: (buffer: ArrayBuffer) => new Float32Array(buffer),
  F64: (buffer: ArrayBuffer) => Float32Array.from(new Float64Array(buffer)),
  F16: (buffer: ArrayBuffer) => Float32Array.from(new Uint16Array(buffer), fromHalf),
  // The upper half of a float32.
  BF16: (buffer: ArrayBuffer) =>
    new Float32Array(Uint32Array.from(new Uint16Array(buffer), (half) => half << 16).buffer),
  I64: (buffer: ArrayBuffer) => Float32Array.from(new BigInt64Array(buffer), Number),
  I32: (buffer: ArrayBuffer) => Float32Array.from(new Int32Array(buffer)),
  I16: (buffer: ArrayBuffer) => Float32Array.from(new Int16Array(buffer)),
  I8: (buffer: ArrayBuffer) => Float32Array.from(new Int8Array(buffer)),
  U8: (buffer: ArrayBuffer) => Float32Array.from(new Uint8Array(buffer)),
  BOOL: (buffer: ArrayBuffer) => Float32Array.from(new Uint8Array(buffer)),
};

const BYTES = { F32: 4, F64: 8, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 } as const;

/** IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
