import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';

/** Takes a lock file: false where it is taken by a process that still runs, also by this one, or by one of another machine. */
export async function claimLock(lock: string): Promise<boolean> {
  if (await create(lock)) return true;
  if (!(await isAbandoned(lock))) return false;
  await rm(lock, { force: true });
  return create(lock);
}

/** Whether a lock is held by a process that still runs, or by one of another machine. */
export async function isLocked(lock: string): Promise<boolean> {
  return existsSync(lock) && !(await isAbandoned(lock));
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

/** Lets others have a lock. */
export function releaseLock(lock: string): Promise<void> {
  return rm(lock, { force: true });
}
