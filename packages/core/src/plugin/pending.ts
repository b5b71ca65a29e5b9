/** What is awaited of plugins at this moment, in words. */
const pending = new Set<string>();

/** Awaits what a plugin promised, and remembers that it is awaited. */
export async function awaiting<T>(what: string, promise: PromiseLike<T>): Promise<T> {
  pending.add(what);
  try {
    return await promise;
  } finally {
    pending.delete(what);
  }
}

/** What plugins promised and have not done: if the process has nothing left to do, they never will. */
export function unsettled(): readonly string[] {
  return [...pending];
}
