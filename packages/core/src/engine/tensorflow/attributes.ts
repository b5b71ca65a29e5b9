import { unsupportedType } from '../engine-errors.js';
import type { CApi, Pointer } from './library.js';

/** Data types of the C API, tf_datatype.h. */
export const DataType = {
  float32: 1,
  int32: 3,
  uint8: 4,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  resource: 20,
} as const;

/** Kinds of attributes, as tfjs-node's kernels number them. */
export const AttributeKind = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5, resource: 9 } as const;

export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** Sets the attributes of an eager operation (`TFE_Op`) or of a graph operation (`TF_`). */
export function setAttributes(
  c: CApi,
  kind: 'TFE_Op' | 'TF_',
  op: Pointer,
  attributes: readonly Attribute[],
  status: Pointer,
): void {
  for (const { name, type, value } of attributes) {
    switch (type) {
      case AttributeKind.string:
        c[`${kind}SetAttrString`](op, name, value, Buffer.byteLength(String(value)));
        break;
      case AttributeKind.int:
        if (Array.isArray(value)) c[`${kind}SetAttrIntList`](op, name, sizes(value), value.length);
        else c[`${kind}SetAttrInt`](op, name, BigInt(Number(value)));
        break;
      case AttributeKind.float:
        c[`${kind}SetAttrFloat`](op, name, value);
        break;
      case AttributeKind.bool:
        c[`${kind}SetAttrBool`](op, name, value ? 1 : 0);
        break;
      case AttributeKind.type:
        c[`${kind}SetAttrType`](op, name, value);
        break;
      case AttributeKind.shape:
        if (kind === 'TFE_Op')
          c.TFE_OpSetAttrShape(op, name, sizes(value as number[]), (value as number[]).length, status);
        else c.TF_SetAttrShape(op, name, sizes(value as number[]), (value as number[]).length);
        break;
      default:
        throw unsupportedType(`attribute "${name}" of kind ${type}`);
    }
  }
}

/** Sizes as the C API takes them. */
export function sizes(values: readonly number[]): BigInt64Array {
  return BigInt64Array.from(values, BigInt);
}
