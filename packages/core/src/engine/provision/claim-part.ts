import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { claimLock, isLockUnsupported } from '../../file-lock.js';

/** A file to download into that no other process writes to. */
export interface ClaimedPart {
  readonly path: string;
  /** Lets others have it. A part that only this process knew of is removed. */
  release(): Promise<void>;
}

/**
 * Claims `<name>.part`, so that a download can go on from what is in it. Where another process holds that one, or nothing can
 * be locked, gives a part of its own: two downloads cost time, and one file written by two processes would cost both.
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
