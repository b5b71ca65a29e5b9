import * as tf from '@tensorflow/tfjs-core';
import type { CompiledStep, ComputePrecision, Step, Tensors } from '../engine.js';
import { inputMismatch } from '../engine-errors.js';
import type { TensorFlowBackend } from './backend.js';
import type { GraphFunction } from './binding.js';

/** Traces a step into one graph function (see Engine.compile). */
export function compileStep<S extends Tensors, I extends Tensors, O extends Tensors>(
  backend: TensorFlowBackend,
  step: Step<S, I, O>,
  state: S,
  inputs: I,
  precision: ComputePrecision,
): CompiledStep<S, I, O> {
  const binding = backend.native;
  const stateNames = Object.keys(state);
  const inputNames = Object.keys(inputs);
  const examples = [...Object.values(state), ...Object.values(inputs)];
  const shapes = examples.map((tensor) => `${tensor.dtype}[${tensor.shape.join()}]`);
  // Uploaded before the trace begins; otherwise they would become its constants.
  backend.ids(examples);

  const parameters = binding.beginTrace(
    examples.map((tensor) => ({ shape: tensor.shape, dtype: backend.dtypeOf(tensor) })),
    precision,
  );
  let outputNames: string[] = [];
  let compiled: GraphFunction | undefined;
  try {
    backend.withIds(examples, parameters, () => {
      tf.tidy(() => {
        const result = step(state, inputs);
        outputNames = Object.keys(result.outputs);
        const results = [...stateNames.map((name) => result.state[name]!), ...Object.values(result.outputs)];
        compiled = binding.endTrace(parameters, backend.ids(results));
      });
    });
  } finally {
    binding.abandonTrace();
  }
  const graphFunction = compiled!;

  return {
    run(nextState, nextInputs) {
      const operands = [...stateNames.map((name) => nextState[name]), ...inputNames.map((name) => nextInputs[name])];
      operands.forEach((tensor, index) => {
        const actual = tensor === undefined ? 'missing' : `${tensor.dtype}[${tensor.shape.join()}]`;
        if (actual !== shapes[index])
          throw inputMismatch([...stateNames, ...inputNames][index]!, shapes[index]!, actual);
      });
      const results = graphFunction
        .call(backend.ids(operands as tf.Tensor[]))
        .map((metadata) => backend.adopt(metadata));
      const entry = (name: string, index: number): [string, tf.Tensor] => [name, results[index]!];
      return {
        state: Object.fromEntries(stateNames.map(entry)) as unknown as S,
        outputs: Object.fromEntries(
          outputNames.map((name, index) => entry(name, stateNames.length + index)),
        ) as unknown as O,
      };
    },
    reads: (output, input) =>
      graphFunction.reads(
        stateNames.length + outputNames.indexOf(output),
        stateNames.length + inputNames.indexOf(input),
      ),
    dispose: () => graphFunction.delete(),
  };
}
