import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { claimLock, releaseLock } from '../../file-lock.js';

/** A file to download into that no other process writes to. */
export interface ClaimedPart {
  readonly path: string;
  /** Lets others have it. A part that only this process knew of is removed. */
  release(): Promise<void>;
}

/**
 * Claims `<name>.part`, so that a download can go on from what is in it. Where another process holds that one, gives a part
 * of its own: two downloads cost time, and one file written by two processes would cost both.
 */
export async function claimPart(folder: string, name: string): Promise<ClaimedPart> {
  const path = join(folder, `${name}.part`);
  const lock = `${path}.lock`;
  if (await claimLock(lock)) return { path, release: () => releaseLock(lock) };
  const own = join(folder, `${name}.${randomUUID()}.part`);
  return { path: own, release: () => rm(own, { force: true }) };
}
