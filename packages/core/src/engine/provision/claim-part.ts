import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

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
  if (await claim(lock)) return { path, release: () => rm(lock, { force: true }) };
  const own = join(folder, `${name}.${randomUUID()}.part`);
  return { path: own, release: () => rm(own, { force: true }) };
}

async function claim(lock: string): Promise<boolean> {
  if (await create(lock)) return true;
  if (!(await isAbandoned(lock))) return false;
  await rm(lock, { force: true });
  return create(lock);
}

async function create(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, JSON.stringify({ pid: process.pid, host: hostname() }), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** True where the process that made the lock is gone. Of another machine's process nothing is known. */
async function isAbandoned(lock: string): Promise<boolean> {
  const text = await readFile(lock, 'utf8').catch(() => '');
  const [, pid, host] = /^\{"pid":(\d+),"host":"(.*)"\}$/.exec(text) ?? [];
  if (pid === undefined || host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
