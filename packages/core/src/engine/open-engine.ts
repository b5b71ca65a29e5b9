import { availableParallelism } from 'node:os';
import { libraryMissing } from './engine-errors.js';
import { SsqlError } from '../errors.js';
import type { Engine, EngineName } from './engine.js';
import { findLibrary, type Environment } from './provision/locate.js';

export interface EngineSettings {
  /** `auto`: libtensorflow if it is installed, otherwise WebAssembly. */
  readonly use: 'auto' | EngineName;
  /** Threads of libtensorflow; default: all processors. `auto`: also all, until a run chooses with `useThreads`. */
  readonly threads?:
    'auto' | { readonly intraOp?: number | undefined; readonly interOp?: number | undefined } | undefined;
}

/**
 * Opens the engine of a pipeline. No code of an engine is loaded before.
 * @param note receives a note for the user if the slower engine is used, with the way to install the fast one
 * @throws SsqlError ENGINE_LIBRARY_MISSING, ENGINE_LIBRARY_BROKEN, ENGINE_UNAVAILABLE
 */
export async function openEngine(
  { use, threads: setting }: EngineSettings,
  note: (line: string) => void = () => undefined,
  environment: Environment = process.env,
): Promise<Engine> {
  const threads = setting === 'auto' ? undefined : setting;
  if (use === 'wasm' || use === 'cpu') {
    if (threads !== undefined)
      note(`The ${use} engine ignores \`threads\`, which is for libtensorflow: it uses one thread.`);
    return openEager(use);
  }
  try {
    const library = findLibrary(environment);
    if (library) {
      const { openTensorFlowEngine } = await import('./tensorflow/open.js');
      const processors = availableParallelism();
      const engine = openTensorFlowEngine(library.files, {
        intraOp: threads?.intraOp ?? processors,
        interOp: threads?.interOp ?? processors,
      });
      if (library.build === 'gpu' && engine.info.device === 'cpu')
        note(
          'The GPU build of libtensorflow uses no GPU and computes on the CPU. `ssql doctor` shows the driver; TF_CPP_MIN_LOG_LEVEL=0 shows the reasons of TensorFlow.',
        );
      return engine;
    }
  } catch (error) {
    if (use === 'tensorflow' || !(error instanceof SsqlError)) throw error;
    note(`Using the WebAssembly engine, which is about fifteen times slower: ${error.message}`);
    return openEager('wasm');
  }
  if (use === 'tensorflow') {
    throw libraryMissing('The pipeline requires libtensorflow, which is not installed.', 'Run `ssql engine install`.');
  }
  note(
    'libtensorflow is not installed. Using the WebAssembly engine, which is about fifteen times slower. Install libtensorflow with `ssql engine install`.',
  );
  return openEager('wasm');
}

async function openEager(name: 'wasm' | 'cpu'): Promise<Engine> {
  const { openEagerEngine } = await import('./eager-engine.js');
  return openEagerEngine(name);
}
