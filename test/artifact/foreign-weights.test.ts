import assert from 'node:assert/strict';
import { decodeForeignWeights } from '../../packages/core/src/artifact/foreign-weights.js';

describe('weights from other programs', () => {
  for (const [dtype, bytes, expected] of [
    ['F32', Float32Array.of(1.5, -0.1), [1.5, Math.fround(-0.1)]],
    ['F64', Float64Array.of(1.5, -0.1), [1.5, Math.fround(-0.1)]],
    // One, the largest, the least normal, the least subnormal, minus infinity: IEEE 754 binary16.
    ['F16', Uint16Array.of(0x3c00, 0x7bff, 0x0400, 0x0001, 0xfc00), [1, 65504, 2 ** -14, 2 ** -24, -Infinity]],
    ['BF16', Uint16Array.of(0x3f80, 0xc049), [1, -3.140625]],
    ['I64', BigInt64Array.of(7n, -2n), [7, -2]],
    ['U8', Uint8Array.of(255), [255]],
  ] as const)
    it(`of type ${dtype} are read as floats`, () => {
      const [tensor] = decodeForeignWeights(file(dtype, bytes));
      assert.deepEqual(tensor?.shape, [expected.length]);
      assert.deepEqual([...tensor!.values], [...expected]);
    });

  it('of an unknown type are refused by name', () => {
    assert.throws(() => decodeForeignWeights(file('F8_E4M3', Uint8Array.of(1))), {
      code: 'CHECKPOINT_CORRUPT',
      message: /tensor x has dtype F8_E4M3, expected F32 or F64/,
    });
  });
});

function file(
  dtype: string,
  { buffer, length, byteLength }: ArrayBufferView & { readonly length: number },
): Uint8Array {
  const header = Buffer.from(JSON.stringify({ x: { dtype, shape: [length], data_offsets: [0, byteLength] } }));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([size, header, Buffer.from(buffer)]);
}
