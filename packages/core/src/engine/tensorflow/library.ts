import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import koffi from 'koffi';
import { SsqlError } from '../../errors.js';
import { engineLibraryBroken } from '../engine-errors.js';
import { loadAfterCrash } from './load-after-crash.js';

/** An opaque native pointer. */
export type Pointer = bigint;

/** An output of a graph operation, TF_Output. */
export interface GraphOutput {
  readonly oper: Pointer;
  readonly index: number;
}

/** The functions of TensorFlow's C API (c_api.h, eager/c_api.h) that the engine calls, by name. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- foreign functions are typed by their C signature below
export type CApi = { readonly [F in FunctionName]: (...values: any[]) => any };

const SIGNATURES = {
  TF_Version: 'const char* TF_Version()',
  TF_NewStatus: 'void* TF_NewStatus()',
  TF_DeleteStatus: 'void TF_DeleteStatus(void* status)',
  TF_GetCode: 'int TF_GetCode(void* status)',
  TF_Message: 'const char* TF_Message(void* status)',
  TFE_NewContextOptions: 'void* TFE_NewContextOptions()',
  TFE_DeleteContextOptions: 'void TFE_DeleteContextOptions(void* options)',
  TFE_ContextOptionsSetConfig:
    'void TFE_ContextOptionsSetConfig(void* options, const void* proto, size_t size, void* status)',
  TFE_NewContext: 'void* TFE_NewContext(void* options, void* status)',
  TFE_DeleteContext: 'void TFE_DeleteContext(void* context)',
  TFE_ContextListDevices: 'void* TFE_ContextListDevices(void* context, void* status)',
  TF_DeviceListCount: 'int TF_DeviceListCount(void* list)',
  TF_DeviceListType: 'const char* TF_DeviceListType(void* list, int index, void* status)',
  TF_DeleteDeviceList: 'void TF_DeleteDeviceList(void* list)',
  TFE_NewOp: 'void* TFE_NewOp(void* context, const char* name, void* status)',
  TFE_DeleteOp: 'void TFE_DeleteOp(void* op)',
  TFE_OpAddInput: 'void TFE_OpAddInput(void* op, void* handle, void* status)',
  TFE_OpSetAttrType: 'void TFE_OpSetAttrType(void* op, const char* name, int value)',
  TFE_OpSetAttrInt: 'void TFE_OpSetAttrInt(void* op, const char* name, int64_t value)',
  TFE_OpSetAttrFloat: 'void TFE_OpSetAttrFloat(void* op, const char* name, float value)',
  TFE_OpSetAttrBool: 'void TFE_OpSetAttrBool(void* op, const char* name, uint8_t value)',
  TFE_OpSetAttrString: 'void TFE_OpSetAttrString(void* op, const char* name, const char* value, size_t size)',
  TFE_OpSetAttrIntList: 'void TFE_OpSetAttrIntList(void* op, const char* name, int64_t* values, int count)',
  TFE_OpSetAttrShape: 'void TFE_OpSetAttrShape(void* op, const char* name, int64_t* sizes, int rank, void* status)',
  TFE_Execute: 'void TFE_Execute(void* op, _Out_ void** results, _Inout_ int* count, void* status)',
  TFE_DeleteTensorHandle: 'void TFE_DeleteTensorHandle(void* handle)',
  TFE_TensorHandleNumDims: 'int TFE_TensorHandleNumDims(void* handle, void* status)',
  TFE_TensorHandleDim: 'int64_t TFE_TensorHandleDim(void* handle, int axis, void* status)',
  TFE_TensorHandleDataType: 'int TFE_TensorHandleDataType(void* handle)',
  TFE_NewTensorHandle: 'void* TFE_NewTensorHandle(void* tensor, void* status)',
  TFE_TensorHandleResolve: 'void* TFE_TensorHandleResolve(void* handle, void* status)',
  TF_AllocateTensor: 'void* TF_AllocateTensor(int type, int64_t* sizes, int rank, size_t bytes)',
  TF_TensorData: 'void* TF_TensorData(void* tensor)',
  TF_TensorByteSize: 'size_t TF_TensorByteSize(void* tensor)',
  TF_DeleteTensor: 'void TF_DeleteTensor(void* tensor)',
  TF_NewGraph: 'void* TF_NewGraph()',
  TF_DeleteGraph: 'void TF_DeleteGraph(void* graph)',
  TF_NewOperation: 'void* TF_NewOperation(void* graph, const char* type, const char* name)',
  TF_AddInput: 'void TF_AddInput(void* description, TF_Output output)',
  TF_AddInputList: 'void TF_AddInputList(void* description, TF_Output* outputs, int count)',
  TF_SetAttrType: 'void TF_SetAttrType(void* op, const char* name, int value)',
  TF_SetAttrInt: 'void TF_SetAttrInt(void* op, const char* name, int64_t value)',
  TF_SetAttrFloat: 'void TF_SetAttrFloat(void* op, const char* name, float value)',
  TF_SetAttrBool: 'void TF_SetAttrBool(void* op, const char* name, uint8_t value)',
  TF_SetAttrString: 'void TF_SetAttrString(void* op, const char* name, const char* value, size_t size)',
  TF_SetAttrIntList: 'void TF_SetAttrIntList(void* op, const char* name, int64_t* values, int count)',
  TF_SetAttrShape: 'void TF_SetAttrShape(void* op, const char* name, int64_t* sizes, int rank)',
  TF_SetAttrTensor: 'void TF_SetAttrTensor(void* op, const char* name, void* tensor, void* status)',
  TF_FinishOperation: 'void* TF_FinishOperation(void* description, void* status)',
  TF_GraphGetTensorNumDims: 'int TF_GraphGetTensorNumDims(void* graph, TF_Output output, void* status)',
  TF_GraphGetTensorShape:
    'void TF_GraphGetTensorShape(void* graph, TF_Output output, _Out_ int64_t* sizes, int rank, void* status)',
  TF_OperationOutputType: 'int TF_OperationOutputType(TF_Output output)',
  TF_GraphToFunction:
    'void* TF_GraphToFunction(void* graph, const char* name, uint8_t appendHash, int operCount, void* opers, int inputCount, ' +
    'TF_Output* inputs, int outputCount, TF_Output* outputs, void* names, void* options, const char* description, void* status)',
  TF_DeleteFunction: 'void TF_DeleteFunction(void* function)',
  TFE_ContextAddFunction: 'void TFE_ContextAddFunction(void* context, void* function, void* status)',
  TFE_ContextRemoveFunction: 'void TFE_ContextRemoveFunction(void* context, const char* name, void* status)',
} as const;

type FunctionName = keyof typeof SIGNATURES;

export interface Library {
  readonly c: CApi;
  /** Copies `bytes` from native memory into `target`. A copy, because koffi's views are valid only until the event loop yields. */
  copyOut(target: Uint8Array, source: Pointer, bytes: number): void;
  copyIn(target: Pointer, source: Uint8Array, bytes: number): void;
}

const RTLD_LAZY = 1;
const RTLD_NODELETE: { readonly [platform: string]: number } = { linux: 0x1000, darwin: 0x80 };

/**
 * Loads libtensorflow and the libraries that it opens by name. It would not find NVIDIA's libraries by itself, or find others of the
 * system; a library that is already loaded is found first.
 * @param files in load order; the last is libtensorflow_cc
 * @throws SsqlError ENGINE_LIBRARY_BROKEN
 */
export function loadLibrary(files: readonly string[]): Library {
  // By default libtensorflow enables oneDNN only on CPUs with AVX512_VNNI; without oneDNN an AVX2 machine is half as fast.
  process.env['TF_ENABLE_ONEDNN_OPTS'] ??= '1';
  // By default all contexts of a process compute with the threads of the first one. TensorFlow reads it at the first context.
  process.env['TF_OVERRIDE_GLOBAL_THREADPOOL'] ??= '1';
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // By default NVIDIA's libraries round float32 operands to TensorFloat-32, which has 10 bits of mantissa.
  process.env['NVIDIA_TF32_OVERRIDE'] ??= '0';
  const main = files.at(-1)!;
  try {
    const libc = koffi.load(process.platform === 'darwin' ? 'libSystem.B.dylib' : 'libc.so.6');
    const library = loadAfterCrash(files, () =>
      quietly(libc, () => {
        for (const file of files.slice(0, -1)) koffi.load(file);
        return koffi.load(main);
      }),
    );
    keepLoaded(libc, files);
    // koffi's type names are global to the process: for a second engine, the struct already exists.
    const known = koffi as unknown as { type(name: string): unknown };
    try {
      known.type('TF_Output');
    } catch {
      koffi.struct('TF_Output', { oper: 'void*', index: 'int' });
    }
    const c = Object.fromEntries(
      Object.entries(SIGNATURES).map(([name, signature]) => [name, library.func(signature)]),
    );
    const copyIn = libc.func('void* memcpy(void* target, const void* source, size_t bytes)');
    const copyOut = libc.func('void* memcpy(_Out_ uint8_t* target, const void* source, size_t bytes)');
    return {
      c: c as unknown as CApi,
      copyIn: (target, source, bytes) => void copyIn(target, source, bytes),
      copyOut: (target, source, bytes) => void copyOut(target, source, bytes),
    };
  } catch (cause) {
    throw cause instanceof SsqlError ? cause : engineLibraryBroken(dirname(main), cause);
  }
}

/**
 * Loads with standard error closed: while its framework is loaded, TensorFlow prints notices that no setting disables. The loader still
 * throws errors. TF_CPP_MIN_LOG_LEVEL=0 shows the notices.
 */
function quietly<T>(libc: ReturnType<typeof koffi.load>, load: () => T): T {
  if (process.env['TF_CPP_MIN_LOG_LEVEL'] === '0') return load();
  const duplicate = libc.func('int dup(int file)');
  const replace = libc.func('int dup2(int file, int by)');
  const standardError = duplicate(2) as number;
  const nowhere = openSync('/dev/null', 'w');
  replace(nowhere, 2);
  try {
    return load();
  } finally {
    replace(standardError, 2);
    closeSync(standardError);
    closeSync(nowhere);
  }
}

/** koffi unloads libraries at exit, before libtensorflow's exit handlers run; a second open prevents the unloading. */
function keepLoaded(libc: ReturnType<typeof koffi.load>, files: readonly string[]): void {
  const open = libc.func('void* dlopen(const char* file, int flags)');
  const flags = RTLD_LAZY | (RTLD_NODELETE[process.platform] ?? 0);
  for (const file of files) open(file, flags);
}
