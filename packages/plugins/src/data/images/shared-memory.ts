/** Memory that threads share. */
export interface SharedMemory {
  /** At least so many bytes, all zero. */
  take(bytes: number): SharedArrayBuffer;
  /** Lets the memory be taken again. */
  giveBack(memory: SharedArrayBuffer): void;
}

/**
 * Memory that is used again. New memory for each batch would fill the machine: every thread that has seen it holds it until the thread collects
 * its garbage, and a thread that decodes makes little of that.
 */
export function sharedMemory(): SharedMemory {
  const spare: SharedArrayBuffer[] = [];
  return {
    take(bytes) {
      const position = spare.findIndex(({ byteLength }) => byteLength >= bytes);
      const memory = position < 0 ? undefined : spare.splice(position, 1)[0];
      if (memory === undefined) {
        spare.length = 0; // what is too small now would be later
        return new SharedArrayBuffer(bytes);
      }
      new Uint8Array(memory, 0, bytes).fill(0);
      return memory;
    },
    giveBack(memory) {
      spare.push(memory);
    },
  };
}
