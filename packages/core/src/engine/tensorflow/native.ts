import { operationFailed, unsupportedType } from '../engine-errors.js';
import type { Threads } from '../engine.js';
import type { SsqlError } from '../../errors.js';
import { type Attribute, DataType, setAttributes, sizes } from './attributes.js';
import type { Library, Pointer } from './library.js';

export type Values = Float32Array | Int32Array | Uint8Array;

/** Eager TensorFlow: a context, tensors in native memory and operations on them. */
export interface Native {
  readonly status: Pointer;
  /** The context of the current threads. */
  readonly context: Pointer;
  readonly version: string;
  readonly device: 'cpu' | 'gpu';
  /** If the last call failed, throws the error that `failed` makes from its message. */
  check(failed: (message: string) => SsqlError): void;
  /** A native tensor filled with `values`; the caller deletes it. */
  newTensor(shape: readonly number[], dtype: number, values: ArrayLike<number>): Pointer;
  newHandle(shape: readonly number[], dtype: number, values: ArrayLike<number>): Pointer;
  read(handle: Pointer): Values;
  describe(handle: Pointer): { readonly shape: number[]; readonly dtype: number };
  execute(operation: Operation): Pointer[];
  /** Makes a context with these threads the current one. A handle that an operation of another context made must be detached before. */
  useThreads(threads: Threads): void;
  /** The same tensor without copying it, as a handle of no context; deletes the old one. */
  detach(handle: Pointer): Pointer;
  close(): void;
}

export interface Operation {
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly inputs: readonly Pointer[];
  readonly outputs: number;
  /** The tfjs call that it belongs to, for error messages. */
  readonly call?: string | undefined;
}

const WIDTH: { readonly [dtype: number]: number } = {
  [DataType.float32]: 4,
  [DataType.int32]: 4,
  [DataType.uint8]: 1,
  [DataType.int64]: 8,
  [DataType.bool]: 1,
};

export function openNative(library: Library, threads: Threads): Native {
  const { c, copyIn, copyOut } = library;
  const status: Pointer = c.TF_NewStatus();
  const check: Native['check'] = (failed) => {
    if (c.TF_GetCode(status) !== 0) throw failed(c.TF_Message(status));
  };
  const contexts = new Map<string, Pointer>();
  let context: Pointer;
  const useThreads: Native['useThreads'] = (next) => {
    const name = `${next.intraOp}x${next.interOp}`;
    context = contexts.get(name) ?? newContext(library, status, check, next);
    contexts.set(name, context);
  };
  useThreads(threads);

  const wrap = (tensor: Pointer): Pointer => {
    const handle: Pointer = c.TFE_NewTensorHandle(tensor, status);
    c.TF_DeleteTensor(tensor);
    check((message) => operationFailed('upload', undefined, message));
    return handle;
  };

  const newTensor: Native['newTensor'] = (shape, dtype, values) => {
    const width = WIDTH[dtype];
    if (width === undefined) throw unsupportedType(`data type ${dtype}`);
    const count = shape.reduce((product, size) => product * size, 1);
    const tensor: Pointer = c.TF_AllocateTensor(dtype, sizes(shape), shape.length, count * width);
    if (count > 0) copyIn(c.TF_TensorData(tensor), bytesOf(dtype, values, count), count * width);
    return tensor;
  };
  const describe: Native['describe'] = (handle) => {
    const rank: number = c.TFE_TensorHandleNumDims(handle, status);
    check((message) => operationFailed('shape', undefined, message));
    const shape = Array.from({ length: rank }, (_, axis) => Number(c.TFE_TensorHandleDim(handle, axis, status)));
    return { shape, dtype: c.TFE_TensorHandleDataType(handle) };
  };
  return {
    status,
    get context() {
      return context;
    },
    version: c.TF_Version(),
    device: deviceOf(library, context!, status),
    check,
    newTensor,
    describe,
    newHandle(shape, dtype, values) {
      return wrap(newTensor(shape, dtype, values));
    },
    useThreads,
    detach(handle) {
      const tensor: Pointer = c.TFE_TensorHandleResolve(handle, status);
      check((message) => operationFailed('read', undefined, message));
      c.TFE_DeleteTensorHandle(handle);
      return wrap(tensor);
    },
    read(handle) {
      const tensor: Pointer = c.TFE_TensorHandleResolve(handle, status);
      check((message) => operationFailed('read', undefined, message));
      const bytes = Number(c.TF_TensorByteSize(tensor));
      const copied = new Uint8Array(bytes);
      if (bytes > 0) copyOut(copied, c.TF_TensorData(tensor), bytes);
      c.TF_DeleteTensor(tensor);
      const dtype: number = c.TFE_TensorHandleDataType(handle);
      if (dtype === DataType.float32) return new Float32Array(copied.buffer);
      if (dtype === DataType.int32) return new Int32Array(copied.buffer);
      if (dtype === DataType.bool || dtype === DataType.uint8) return copied;
      if (dtype === DataType.int64) return Int32Array.from(new BigInt64Array(copied.buffer), Number);
      throw unsupportedType(`reading data type ${dtype}`);
    },
    execute({ name, attributes, inputs, outputs, call }) {
      const failed = (message: string): SsqlError => operationFailed(name, call, message);
      const op: Pointer = c.TFE_NewOp(context, name, status);
      check(failed);
      try {
        setAttributes(c, 'TFE_Op', op, attributes, status);
        for (const input of inputs) c.TFE_OpAddInput(op, input, status);
        check(failed);
        const results = new Array<Pointer | null>(outputs).fill(null);
        const count = [outputs];
        c.TFE_Execute(op, results, count, status);
        check(failed);
        return results.slice(0, count[0]) as Pointer[];
      } finally {
        c.TFE_DeleteOp(op);
      }
    },
    close() {
      for (const opened of contexts.values()) c.TFE_DeleteContext(opened);
      c.TF_DeleteStatus(status);
    },
  };
}

function newContext({ c }: Library, status: Pointer, check: Native['check'], { intraOp, interOp }: Threads): Pointer {
  const options: Pointer = c.TFE_NewContextOptions();
  // A ConfigProto: field 2 is intra_op_parallelism_threads, field 5 is inter_op_parallelism_threads, and field 6 is gpu_options, whose
  // field 4 is allow_growth: without it TensorFlow takes all the memory of the GPU.
  const proto = Uint8Array.from([0x10, ...varint(intraOp), 0x28, ...varint(interOp), 0x32, 2, 0x20, 1]);
  const failed = (message: string): SsqlError => operationFailed('context', undefined, message);
  c.TFE_ContextOptionsSetConfig(options, proto, proto.length, status);
  check(failed);
  const context: Pointer = c.TFE_NewContext(options, status);
  c.TFE_DeleteContextOptions(options);
  check(failed);
  return context;
}

function deviceOf({ c }: Library, context: Pointer, status: Pointer): 'cpu' | 'gpu' {
  const list: Pointer = c.TFE_ContextListDevices(context, status);
  const types = Array.from({ length: c.TF_DeviceListCount(list) }, (_, index) =>
    c.TF_DeviceListType(list, index, status),
  );
  c.TF_DeleteDeviceList(list);
  return types.includes('GPU') ? 'gpu' : 'cpu';
}

function bytesOf(dtype: number, values: ArrayLike<number>, count: number): Uint8Array {
  const typed =
    dtype === DataType.float32
      ? values instanceof Float32Array
        ? values
        : Float32Array.from(values)
      : dtype === DataType.int32
        ? values instanceof Int32Array
          ? values
          : Int32Array.from(values)
        : dtype === DataType.int64
          ? BigInt64Array.from(Array.from(values).slice(0, count), BigInt)
          : values instanceof Uint8Array
            ? values
            : Uint8Array.from(values);
  return new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest & 127) | 128);
  }
}
