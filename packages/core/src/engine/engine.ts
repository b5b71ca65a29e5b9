import type * as tfjs from '@tensorflow/tfjs-core';
import type { NeuralOps } from './neural-ops.js';

export type Tf = typeof tfjs;
export type EngineName = 'tensorflow' | 'wasm' | 'cpu';

/** What convolutions and matrix products multiply in. They add in float32 at both. */
export type ComputePrecision = 'float32' | 'bfloat16';

/** Tensors by name: a state, the inputs or the outputs of a step. */
export type Tensors = { readonly [name: string]: tfjs.Tensor };

/** A pure function over tensors: reads a state and inputs, makes the next state and outputs. */
export type Step<S extends Tensors, I extends Tensors, O extends Tensors> = (state: S, inputs: I) => StepResult<S, O>;

export interface StepResult<S extends Tensors, O extends Tensors> {
  readonly state: S;
  readonly outputs: O;
}

/** A compiled step. `run` disposes none of its arguments: the caller owns old states and inputs. */
export interface CompiledStep<S extends Tensors, I extends Tensors, O extends Tensors> {
  run(state: S, inputs: I): StepResult<S, O>;
  /** Whether an output depends on an input, by their names. Engines that record no graph lack it. */
  reads?(output: string, input: string): boolean;
  dispose(): void;
}

export interface EngineMemory {
  /** Tensors that tfjs knows. */
  readonly tensors: number;
  /** Native tensor handles; 0 if the backend has none. */
  readonly handles: number;
}

/** The most threads of each kind. More never help, and each one takes memory. */
export const MOST_THREADS = 1024;

/** The bytes of a run depend on them. */
export interface Threads {
  /** Threads within one operation. */
  readonly intraOp: number;
  /** Operations in parallel. */
  readonly interOp: number;
}

export interface EngineInfo {
  readonly name: EngineName;
  readonly version: string;
  readonly device: 'cpu' | 'gpu';
  readonly threads: Threads;
}

/** Computes on tensors. A process may open several engines, but one computes at a time because tfjs has one current backend. */
export interface Engine {
  readonly info: EngineInfo;
  readonly tf: Tf;
  /** Operations that training needs and tfjs lacks or computes slowly. Results are the same on every engine. */
  readonly ops: NeuralOps;
  /**
   * Compiles a step. On libtensorflow its tfjs calls are traced once into one graph function; other engines run it
   * eagerly. `state` and `inputs` give names, shapes and dtypes.
   * @param precision default: float32. At bfloat16, state, inputs and outputs are float32 all the same. Engines that run eagerly compute
   * in float32.
   */
  compile<S extends Tensors, I extends Tensors, O extends Tensors>(
    step: Step<S, I, O>,
    state: S,
    inputs: I,
    precision?: ComputePrecision,
  ): CompiledStep<S, I, O>;
  /** Computes with other threads from now on. Tensors and compiled steps stay valid. Engines without a choice of threads lack it, and GPUs. */
  useThreads?(threads: Threads): void;
  memory(): EngineMemory;
  /** Makes it the engine that computes, if several are open. */
  activate(): Promise<void>;
  close(): void;
}
