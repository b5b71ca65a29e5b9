import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { composedOps } from './composed-ops.js';
import { engineUnavailable } from './engine-errors.js';
import type { CompiledStep, Engine, Step, Tensors } from './engine.js';
import { asStep, guardedTf } from './random-operations.js';
import { registerGradients } from './gradients.js';
import { registerWasmKernels } from './wasm-kernels.js';

/**
 * Opens an engine that runs each operation when it is called: 'wasm' needs only npm packages; 'cpu' is plain JavaScript, for checks.
 * @throws SsqlError ENGINE_UNAVAILABLE if the backend cannot start.
 */
export async function openEagerEngine(name: 'wasm' | 'cpu'): Promise<Engine> {
  // Otherwise tfjs prints advice on other backends.
  tf.enableProdMode();
  registerGradients();
  const threads = name === 'wasm' ? await startWasm() : await startCpu();
  const backendFactory = tf.findBackendFactory(name);
  return {
    info: { name, version: tf.version_core, device: 'cpu', threads: { intraOp: threads, interOp: 1 } },
    tf: guardedTf,
    ops: composedOps(),
    compile: (step) => eager((state, inputs) => asStep(() => step(state, inputs))),
    memory: () => ({ tensors: tf.memory().numTensors, handles: 0 }),
    activate: () => start(name),
    close() {
      const restoreListeners = uncaughtListeners();
      tf.removeBackend(name);
      restoreListeners();
      // Removing the backend also removes its factory, and the import that registered the factory runs only once.
      tf.registerBackend(name, backendFactory);
    },
  };
}

async function startWasm(): Promise<number> {
  const { getThreadsCount, setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(dirname(main) + sep);
  await import('@tensorflow/tfjs-backend-cpu');
  registerWasmKernels();
  const restoreListeners = uncaughtListeners();
  try {
    await start('wasm');
  } finally {
    restoreListeners();
  }
  return getThreadsCount();
}

async function startCpu(): Promise<number> {
  await import('@tensorflow/tfjs-backend-cpu');
  await start('cpu');
  return 1;
}

async function start(name: string): Promise<void> {
  if (await tf.setBackend(name)) return;
  throw engineUnavailable(name);
}

/**
 * Records the process's listeners for uncaught errors and returns a function that restores them: the wasm module of tfjs adds listeners
 * that print its whole source before the error, and removes all listeners when it is closed.
 */
function uncaughtListeners(): () => void {
  const noted = UNCAUGHT.map((event) => ({ event, listeners: process.rawListeners(event) }));
  return () => {
    for (const { event, listeners } of noted) {
      process.removeAllListeners(event);
      // A listener's type depends on its event; these come from the same event.
      for (const listener of listeners) process.on(event, listener as () => void);
    }
  };
}

const UNCAUGHT = ['uncaughtException', 'unhandledRejection'] as const;

function eager<S extends Tensors, I extends Tensors, O extends Tensors>(step: Step<S, I, O>): CompiledStep<S, I, O> {
  return {
    run(state, inputs) {
      try {
        return tf.tidy(() => {
          const result = step(state, inputs);
          return { state: cloned(result.state), outputs: cloned(result.outputs) };
        });
      } catch (error) {
        freeTape();
        throw error;
      }
    },
    dispose() {},
  };
}

/** A separate tensor for each name, so that a tensor which the step passed on unchanged can be freed independently of the caller's. */
function cloned<T extends Tensors>(tensors: T): T {
  const copies = Object.entries(tensors).map(([name, tensor]) => [name, tf.clone(tensor)]);
  return Object.fromEntries(copies) as T;
}

/** If a gradient throws, tensors that the forward pass saved stay on the tape, where no tidy frees them. */
function freeTape(): void {
  const { state } = tf.engine();
  for (const node of state.activeTape ?? []) for (const tensor of node.saved ?? []) tensor.dispose();
  state.activeTape = [];
}
