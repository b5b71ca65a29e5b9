import { operationFailed } from '../engine-errors.js';
import { type Attribute, setAttributes, sizes } from './attributes.js';
import type { GraphOutput, Library, Pointer } from './library.js';
import type { Native } from './native.js';

/** Operations whose inputs are a list, with the number of single inputs after it. */
const LIST_INPUTS: { readonly [operation: string]: number } = {
  AddN: 0,
  Pack: 0,
  ConcatV2: 1,
  IdentityN: 0,
  Einsum: 0,
};

/** A graph under construction: operations recorded while a step is traced. */
export interface Graph {
  readonly pointer: Pointer;
  readonly operations: number;
  placeholder(dtype: number, shape: readonly number[]): GraphOutput;
  constant(dtype: number, tensor: Pointer): GraphOutput;
  operation(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly GraphOutput[],
    call: string | undefined,
  ): Pointer;
  shape(output: GraphOutput): number[];
  type(output: GraphOutput): number;
  /** Whether an output depends on another. */
  depends(output: GraphOutput, on: GraphOutput): boolean;
  /** An output as the result of a function. */
  result(output: GraphOutput): GraphOutput;
  delete(): void;
}

export function createGraph({ c }: Library, { status, check }: Native): Graph {
  const pointer: Pointer = c.TF_NewGraph();
  let operations = 0;
  const inputsOf = new Map<string, readonly GraphOutput[]>();
  const begin = (type: string): Pointer => c.TF_NewOperation(pointer, type, `${type}_${operations++}`);
  const finish = (description: Pointer, type: string, call?: string): Pointer => {
    const operation: Pointer = c.TF_FinishOperation(description, status);
    check((message) => operationFailed(type, call, message));
    return operation;
  };
  return {
    pointer,
    get operations() {
      return operations;
    },
    placeholder(dtype, shape) {
      const description = begin('Placeholder');
      c.TF_SetAttrType(description, 'dtype', dtype);
      c.TF_SetAttrShape(description, 'shape', sizes(shape), shape.length);
      return { oper: finish(description, 'Placeholder'), index: 0 };
    },
    constant(dtype, tensor) {
      const description = begin('Const');
      c.TF_SetAttrType(description, 'dtype', dtype);
      c.TF_SetAttrTensor(description, 'value', tensor, status);
      return { oper: finish(description, 'Const'), index: 0 };
    },
    operation(name, attributes, inputs, call) {
      const description = begin(name);
      const after = LIST_INPUTS[name];
      const listed = after === undefined ? 0 : inputs.length - after;
      if (after !== undefined) c.TF_AddInputList(description, inputs.slice(0, listed), listed);
      for (const input of inputs.slice(listed)) c.TF_AddInput(description, input);
      setAttributes(c, 'TF_', description, attributes, status);
      const operation = finish(description, name, call);
      inputsOf.set(`${operation}`, inputs);
      return operation;
    },
    depends(output, on) {
      const seen = new Set<string>();
      const open = [output];
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        const operation = `${next.oper}`;
        if (operation === `${on.oper}`) return true;
        if (seen.has(operation)) continue;
        seen.add(operation);
        open.push(...(inputsOf.get(operation) ?? []));
      }
      return false;
    },
    shape(output) {
      const rank: number = c.TF_GraphGetTensorNumDims(pointer, output, status);
      check((message) => operationFailed('shape', undefined, message));
      if (rank <= 0) return [];
      const dims = new BigInt64Array(rank);
      c.TF_GraphGetTensorShape(pointer, output, dims, rank, status);
      check((message) => operationFailed('shape', undefined, message));
      return Array.from(dims, Number);
    },
    type: (output) => c.TF_OperationOutputType(output),
    result: (output) => output,
    delete: () => c.TF_DeleteGraph(pointer),
  };
}
