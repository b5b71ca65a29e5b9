import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';

/** Acquires a lock file. Returns false if a running process, including this one, or a process on another machine holds it. */
export async function claimLock(lock: string): Promise<boolean> {
  if (await create(lock)) return true;
  if (!(await isAbandoned(lock))) return false;
  await rm(lock, { force: true });
  return create(lock);
}

/** Whether a running process or a process on another machine holds a lock. */
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

/** Whether the process that made the lock has ended. For a process on another machine this is unknown: false. */
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

/** Releases a lock. */
export function releaseLock(lock: string): Promise<void> {
  return rm(lock, { force: true });
}
