import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { claimLock, isLockUnsupported } from '../../file-lock.js';

/** A file for a download, to which no other process writes. */
export interface ClaimedPart {
  readonly path: string;
  /** Lets other processes claim it. Removes a file that only this process knows. */
  release(): Promise<void>;
}

/**
 * Claims `<name>.part`, in which an earlier download can be continued. If another process holds that file, or the file system
 * has no locks, it makes a file of another name: two downloads take longer, but two processes would corrupt a shared file.
 */
export async function claimPart(folder: string, name: string): Promise<ClaimedPart> {
  const path = join(folder, `${name}.part`);
  const lock = await claimLock(`${path}.lock`).catch((error: unknown) => {
    if (isLockUnsupported(error)) return undefined;
    throw error;
  });
  if (lock) return { path, release: async () => lock.release() };
  const unshared = join(folder, `${name}.${randomUUID()}.part`);
  return { path: unshared, release: () => rm(unshared, { force: true }) };
}
