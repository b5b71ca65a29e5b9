import { constants } from 'node:os';

/** Of `struct sigaction` of 64-bit systems, in bytes: its size, the place of its flags, and the flag SA_RESETHAND. */
const LAYOUTS: {
  readonly [platform: string]: { readonly size: number; readonly flags: number; readonly once: number };
} = {
  linux: { size: 152, flags: 136, once: 0x8000_0000 },
  darwin: { size: 16, flags: 12, once: 4 },
};

/**
 * Makes the handlers of signals serve once: a second signal ends the process at once, also within a long step, although JavaScript handles
 * signals only between steps. Called after the handlers were set. On other systems, the second signal waits for the end of the step.
 */
export async function serveOnce(signals: readonly NodeJS.Signals[]): Promise<void> {
  const layout = LAYOUTS[process.platform];
  if (layout === undefined || !['x64', 'arm64'].includes(process.arch)) return;
  // Loaded only here: it would slow the start of other commands.
  const { default: koffi } = await import('koffi');
  const libc = koffi.load(process.platform === 'darwin' ? 'libSystem.B.dylib' : 'libc.so.6');
  const read = libc.func('int sigaction(int signal, const void* action, _Out_ uint8_t* previous)');
  const write = libc.func('int sigaction(int signal, const void* action, void* previous)');
  // eslint-disable-next-line no-restricted-syntax -- a null pointer of C
  const nothing = null;
  for (const name of signals) {
    const action = new Uint8Array(layout.size);
    if (read(constants.signals[name], nothing, action) !== 0) continue;
    const view = new DataView(action.buffer);
    view.setUint32(layout.flags, (view.getUint32(layout.flags, true) | layout.once) >>> 0, true);
    write(constants.signals[name], action, nothing);
  }
}
