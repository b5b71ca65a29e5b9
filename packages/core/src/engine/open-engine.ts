import { availableParallelism } from 'node:os';
import { libraryMissing } from './engine-errors.js';
import { SsqlError } from '../errors.js';
import type { Engine, EngineName } from './engine.js';
import { findLibrary, type Environment } from './provision/locate.js';

export interface EngineSettings {
  /** `auto`: libtensorflow if it is installed, else WebAssembly. */
  readonly use: 'auto' | EngineName;
  /** Threads of libtensorflow; all processors by default. */
  readonly threads?: { readonly intraOp?: number | undefined; readonly interOp?: number | undefined } | undefined;
}

/**
 * Opens the engine that a pipeline selects. No engine's code is loaded earlier.
 * @param note gets messages for the user: that the slower engine is used, and how to install the fast one
 * @throws SsqlError ENGINE_LIBRARY_MISSING, ENGINE_LIBRARY_BROKEN, ENGINE_UNAVAILABLE
 */
export async function openEngine(
  { use, threads }: EngineSettings,
  note: (line: string) => void = () => undefined,
  environment: Environment = process.env,
): Promise<Engine> {
  if (use === 'wasm' || use === 'cpu') {
    if (threads !== undefined) note(`The ${use} engine has one thread. \`threads\` applies only to libtensorflow.`);
    return openEager(use);
  }
  try {
    const library = findLibrary(environment);
    if (library) {
      const { openTensorFlowEngine } = await import('./tensorflow/open.js');
      const processors = availableParallelism();
      return openTensorFlowEngine(library.folder, {
        intraOp: threads?.intraOp ?? processors,
        interOp: threads?.interOp ?? processors,
      });
    }
  } catch (error) {
    if (use === 'tensorflow' || !(error instanceof SsqlError)) throw error;
    note(
      `libtensorflow is not available: the WebAssembly engine is used, about fifteen times slower. ${error.message}`,
    );
    return openEager('wasm');
  }
  if (use === 'tensorflow') {
    throw libraryMissing('The pipeline selects libtensorflow, which is not installed.', 'Run `ssql engine install`.');
  }
  note(
    'libtensorflow is not installed: the WebAssembly engine is used, about fifteen times slower. To install libtensorflow, run `ssql engine install`.',
  );
  return openEager('wasm');
}

async function openEager(name: 'wasm' | 'cpu'): Promise<Engine> {
  const { openEagerEngine } = await import('./eager-engine.js');
  return openEagerEngine(name);
}
