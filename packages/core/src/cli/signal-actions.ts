import { constants } from 'node:os';

/** What the system does at a signal. */
export interface SignalActions {
  /** Makes the handler of a signal serve once. */
  serveOnce(signal: NodeJS.Signals): void;
  /** Whether a signal ends the process: its handler has served, or there is none. */
  isDefault(signal: NodeJS.Signals): boolean;
}

/**
 * Of `struct sigaction` of 64-bit systems, in bytes: its size, the place of its flags, and the flag SA_RESETHAND. The handler comes first.
 */
const LAYOUTS: {
  readonly [platform: string]: { readonly size: number; readonly flags: number; readonly once: number };
} = {
  linux: { size: 152, flags: 136, once: 0x8000_0000 },
  darwin: { size: 16, flags: 12, once: 4 },
};

/** Undefined on systems whose layout is unknown. */
export async function signalActions(): Promise<SignalActions | undefined> {
  const layout = LAYOUTS[process.platform];
  if (layout === undefined || !['x64', 'arm64'].includes(process.arch)) return undefined;
  // Loaded only here: it would slow the start of other commands.
  const { default: koffi } = await import('koffi');
  const libc = loaded(() => koffi.load(process.platform === 'darwin' ? 'libSystem.B.dylib' : 'libc.so.6'));
  if (libc === undefined) return undefined; // another C library, such as musl
  const read = libc.func('int sigaction(int signal, const void* action, _Out_ uint8_t* previous)');
  const write = libc.func('int sigaction(int signal, const void* action, void* previous)');
  // eslint-disable-next-line no-restricted-syntax -- a null pointer of C
  const nothing = null;
  const actionOf = (signal: NodeJS.Signals): Uint8Array | undefined => {
    const action = new Uint8Array(layout.size);
    return read(constants.signals[signal], nothing, action) === 0 ? action : undefined;
  };
  return {
    serveOnce(signal) {
      const action = actionOf(signal);
      if (action === undefined) return;
      const view = new DataView(action.buffer);
      view.setUint32(layout.flags, (view.getUint32(layout.flags, true) | layout.once) >>> 0, true);
      write(constants.signals[signal], action, nothing);
    },
    isDefault: (signal) =>
      actionOf(signal)
        ?.subarray(0, 8)
        .every((byte) => byte === 0) === true,
  };
}

function loaded<T>(load: () => T): T | undefined {
  try {
    return load();
  } catch {
    return undefined;
  }
}
