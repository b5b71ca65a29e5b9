import { closeSync, constants, ftruncateSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { SsqlError } from './errors.js';
import { isCode } from './make-folder.js';
import { refuseSpecialFile } from './regular-file.js';

/** A lock that this process holds. */
export interface FileLock {
  /** Lets others have the lock. */
  release(): void;
}

/** Appending, and not through a link: the text of the lock would replace what it leads to. */
const CREATE = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

const TRIES = 5;
const PAUSE = 10;

/**
 * Takes the lock of a file. Creates the file if it is missing. Returns undefined if the lock is held, also by this process.
 *
 * The kernel holds the lock, and releases it when the process ends, so the file itself means nothing and stays. Its text
 * says who holds the lock, for messages.
 * @throws SsqlError LOCK_UNSUPPORTED, FILE_SPECIAL
 */
export async function claimLock(path: string): Promise<FileLock | undefined> {
  refuseSpecialFile(path);
  // A number, not a FileHandle: the garbage collector closes those, which would free the lock.
  const file = openSync(path, CREATE);
  try {
    // `isLocked` holds the lock for a moment, so a first refusal says little.
    for (let tries = 1; !(await tryLock(file, path)); tries++) {
      if (tries === TRIES) {
        closeSync(file);
        return undefined;
      }
      await pause(PAUSE);
    }
    ftruncateSync(file);
    writeSync(file, `process ${process.pid} on ${hostname()} since ${new Date().toISOString()}\n`);
  } catch (error) {
    closeSync(file);
    throw error;
  }
  return { release: () => closeSync(file) };
}

/** Whether a process holds the lock of a file. False if locks are unsupported. @throws SsqlError FILE_SPECIAL */
export async function isLocked(path: string): Promise<boolean> {
  refuseSpecialFile(path);
  let file;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG')) return false;
    throw error;
  }
  try {
    return !(await tryLock(file, path, { shared: true }));
  } catch (error) {
    if (isLockUnsupported(error)) return false;
    throw error;
  } finally {
    closeSync(file);
  }
}

/** The process that holds a lock, in words, as far as the file says it. */
export async function lockOwner(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return /^process \d+ on \S+ since \S+$/m.exec(text)?.[0];
}

/** Loads the library only here: on platforms without a build only locks fail. */
async function tryLock(file: number, path: string, options?: { readonly shared: boolean }): Promise<boolean> {
  try {
    const native = await import('fs-native-extensions');
    return native.tryLock(file, options);
  } catch (cause) {
    throw lockUnsupported(path, cause);
  }
}

/** Whether an error says that a file system, or this platform, has no locks. */
export function isLockUnsupported(error: unknown): boolean {
  return error instanceof SsqlError && error.code === 'LOCK_UNSUPPORTED';
}

/**
 * The file system of a run's folder has no file locks, so two processes could write the same run.
 * @remedy Write the runs to a folder on another file system (`--runs`).
 */
function lockUnsupported(path: string, cause: unknown): SsqlError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SsqlError('LOCK_UNSUPPORTED', `${path} cannot be locked: ${reason}.`, {
    hint: 'Write to a folder on another file system, for example one on this machine.',
    cause,
  });
}
