import { operationFailed, stepClosed, tensorEscaped, untraceableRead } from '../engine-errors.js';
import type { ComputePrecision, Threads } from '../engine.js';
import { type Attribute, AttributeKind, DataType } from './attributes.js';
import { createGraph, type Graph } from './graph.js';
import type { GraphOutput, Library, Pointer } from './library.js';
import { autocast } from './autocast.js';
import { type Native, openNative, type Values } from './native.js';

/** Metadata of an operation's output, for tfjs-node's kernels. */
export interface TensorMetadata {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** A traced graph, callable as one operation. */
export interface GraphFunction {
  /** Runs it on tensors by id; the results are new ids. */
  call(inputs: readonly number[]): TensorMetadata[];
  readonly operations: number;
  /** Whether an output depends on an input, by their indexes. */
  reads(output: number, input: number): boolean;
  delete(): void;
}

/** The state of a trace. */
interface Trace {
  readonly precision: ComputePrecision;
  readonly graph: Graph;
  readonly outputs: Map<number, GraphOutput>;
  /** Eager tensors that the step used but did not declare as inputs: captured at trace time and passed at each call. */
  readonly captured: Map<number, GraphOutput>;
}

/**
 * The binding that the kernels of tfjs-node expect (its TFJSBinding), over libtensorflow's C API. Eager operations run at once;
 * between `beginTrace` and `endTrace` they are recorded into a graph instead.
 */
export class Binding {
  readonly TF_FLOAT = DataType.float32;
  readonly TF_INT32 = DataType.int32;
  readonly TF_UINT8 = DataType.uint8;
  readonly TF_STRING = DataType.string;
  readonly TF_COMPLEX64 = DataType.complex64;
  readonly TF_INT64 = DataType.int64;
  readonly TF_BOOL = DataType.bool;
  readonly TF_RESOURCE = DataType.resource;
  readonly TF_ATTR_STRING = AttributeKind.string;
  readonly TF_ATTR_INT = AttributeKind.int;
  readonly TF_ATTR_FLOAT = AttributeKind.float;
  readonly TF_ATTR_BOOL = AttributeKind.bool;
  readonly TF_ATTR_TYPE = AttributeKind.type;
  readonly TF_ATTR_SHAPE = AttributeKind.shape;
  readonly TF_ATTR_RESOURCE = AttributeKind.resource;
  readonly TF_Version: string;
  readonly device: 'cpu' | 'gpu';

  readonly #library: Library;
  readonly #native: Native;
  readonly #handles = new Map<number, Pointer>();
  /** The number of functions that captured each tensor, and the captured tensors that tfjs has since disposed. */
  readonly #retained = new Map<number, number>();
  readonly #disposed = new Set<number>();
  #trace: Trace | undefined;
  #nextId = 1;
  #functions = 0;

  /** @param currentCall returns the name of the running tfjs kernel, for error messages. */
  constructor(
    library: Library,
    threads: Threads,
    private readonly currentCall: () => string | undefined,
  ) {
    this.#library = library;
    this.#native = openNative(library, threads);
    this.TF_Version = this.#native.version;
    this.device = this.#native.device;
  }

  isUsingGpuDevice(): boolean {
    return this.device === 'gpu';
  }

  getNumOfTensors(): number {
    return this.#handles.size;
  }

  /** What convolutions and matrix products of the graph that is being recorded multiply in. */
  get precision(): ComputePrecision {
    return this.#trace?.precision ?? 'float32';
  }

  get tracing(): boolean {
    return this.#trace !== undefined;
  }

  /** Computes with other threads from now on. */
  useThreads(threads: Threads): void {
    for (const [id, handle] of this.#handles) this.#handles.set(id, this.#native.detach(handle));
    this.#native.useThreads(threads);
  }

  createTensor(shape: number[], dtype: number, values: ArrayLike<number>): number {
    const id = this.#nextId++;
    const trace = this.#trace;
    if (trace === undefined) {
      this.#handles.set(id, this.#native.newHandle(shape, dtype, values));
      return id;
    }
    const tensor = this.#native.newTensor(shape, dtype, values);
    try {
      trace.outputs.set(id, trace.graph.constant(dtype, tensor));
    } finally {
      this.#library.c.TF_DeleteTensor(tensor);
    }
    return id;
  }

  deleteTensor(id: number): void {
    const handle = this.#handles.get(id);
    if (handle === undefined) return;
    // A tensor that a traced function captured must outlive its tfjs tensor: the function uses its handle.
    if (this.#retained.has(id) || this.#trace?.captured.has(id)) {
      this.#disposed.add(id);
      return;
    }
    this.#handles.delete(id);
    this.#library.c.TFE_DeleteTensorHandle(handle);
  }

  tensorDataSync(id: number): Values {
    if (this.#trace?.outputs.has(id)) throw untraceableRead(this.currentCall());
    return this.#native.read(this.#handle(id, 'read'));
  }

  executeOp(name: string, attributes: Attribute[], inputs: number[], outputs: number): TensorMetadata[] {
    const call = this.currentCall();
    if (this.#trace === undefined) {
      const handles = inputs.map((id) => this.#handle(id, name));
      return this.#native
        .execute({ name, attributes, inputs: handles, outputs, call })
        .map((handle) => this.#adopt(handle));
    }
    const { graph, outputs: known } = this.#trace;
    const operation = graph.operation(
      name,
      attributes,
      inputs.map((id) => this.#symbol(id, name)),
      call,
    );
    return Array.from({ length: outputs }, (_, index) => {
      const output = { oper: operation, index };
      const id = this.#nextId++;
      known.set(id, output);
      return { id, shape: graph.shape(output), dtype: seenByKernels(graph.type(output)) };
    });
  }

  /** Starts recording. Returns ids of placeholders for the function's inputs. */
  beginTrace(
    inputs: readonly { readonly shape: readonly number[]; readonly dtype: number }[],
    precision: ComputePrecision,
  ): number[] {
    const plain = createGraph(this.#library, this.#native);
    const graph = precision === 'bfloat16' ? autocast(plain) : plain;
    const outputs = new Map<number, GraphOutput>();
    this.#trace = { precision, graph, outputs, captured: new Map() };
    return inputs.map(({ dtype, shape }) => {
      const id = this.#nextId++;
      outputs.set(id, graph.placeholder(dtype, shape));
      return id;
    });
  }

  /** Ends recording without a function, because the step failed. */
  abandonTrace(): void {
    this.#trace?.graph.delete();
    this.#trace = undefined;
    for (const id of [...this.#disposed]) if (!this.#retained.has(id)) this.#drop(id);
  }

  /** Ends recording and makes the function from `inputs` (of `beginTrace`) to `outputs`. */
  endTrace(inputs: readonly number[], outputs: readonly number[]): GraphFunction {
    const trace = this.#trace;
    if (trace === undefined) throw stepClosed();
    const { c } = this.#library;
    const native = this.#native;
    const { status, check } = native;
    const name = `ssql_step_${this.#functions++}`;
    let captured: number[] = [];
    let made: Pointer | undefined;
    let reads: GraphFunction['reads'] = () => true;
    const contexts = new Set<Pointer>();
    const addToContext = (): void => {
      if (contexts.has(native.context)) return;
      c.TFE_ContextAddFunction(native.context, made, status);
      check((message) => operationFailed('function', undefined, message));
      contexts.add(native.context);
    };
    try {
      const results = outputs.map((id) => trace.graph.result(this.#symbol(id, 'output')));
      const parameters = [...inputs.map((id) => this.#symbol(id, 'input')), ...trace.captured.values()];
      reads = (output, input) => trace.graph.depends(results[output]!, parameters[input]!);
      captured = [...trace.captured.keys()];
      for (const id of captured) this.#retained.set(id, (this.#retained.get(id) ?? 0) + 1);
      const graph = trace.graph.pointer;
      made = c.TF_GraphToFunction(
        ...[graph, name, 0, -1, null, parameters.length, parameters, results.length, results, null, null, null, status],
      );
      check((message) => operationFailed('function', undefined, message));
      addToContext();
    } catch (error) {
      for (const id of captured) this.#release(id);
      if (made !== undefined) c.TF_DeleteFunction(made);
      throw error;
    } finally {
      this.abandonTrace();
    }
    let open = true;
    return {
      operations: trace.graph.operations,
      reads,
      call: (ids) => {
        if (!open) throw stepClosed();
        const handles = [...ids, ...captured].map((id) => this.#handle(id, name));
        addToContext();
        const results = native.execute({
          name,
          attributes: [],
          inputs: handles,
          outputs: outputs.length,
          call: 'compile',
        });
        return results.map((handle) => this.#adopt(handle));
      },
      delete: () => {
        if (!open) return;
        open = false;
        for (const id of captured) this.#release(id);
        c.TF_DeleteFunction(made);
        for (const context of contexts) {
          c.TFE_ContextRemoveFunction(context, name, status);
          check((message) => operationFailed('function', undefined, message));
        }
      },
    };
  }

  close(): void {
    for (const handle of this.#handles.values()) this.#library.c.TFE_DeleteTensorHandle(handle);
    this.#handles.clear();
    this.#native.close();
  }

  #release(id: number): void {
    const others = (this.#retained.get(id) ?? 1) - 1;
    if (others > 0) {
      this.#retained.set(id, others);
      return;
    }
    this.#retained.delete(id);
    if (this.#disposed.has(id)) this.#drop(id);
  }

  #drop(id: number): void {
    this.#disposed.delete(id);
    this.deleteTensor(id);
  }

  #adopt(handle: Pointer): TensorMetadata {
    const id = this.#nextId++;
    this.#handles.set(id, handle);
    return { id, ...this.#native.describe(handle) };
  }

  #handle(id: number, operation: string): Pointer {
    const handle = this.#handles.get(id);
    if (handle === undefined) throw tensorEscaped(operation);
    return handle;
  }

  #symbol(id: number, operation: string): GraphOutput {
    const trace = this.#trace;
    if (trace === undefined) throw stepClosed();
    const known = trace.outputs.get(id) ?? trace.captured.get(id);
    if (known !== undefined) return known;
    const { dtype, shape } = this.#native.describe(this.#handle(id, operation));
    const output = trace.graph.placeholder(dtype, shape);
    trace.captured.set(id, output);
    return output;
  }
}

/** The type of a tensor for tfjs, which has no bfloat16: inside a graph, such tensors pass as float32. */
function seenByKernels(dtype: number): number {
  return dtype === DataType.bfloat16 ? DataType.float32 : dtype;
}
