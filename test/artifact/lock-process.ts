// A process that does with locks what its parent asks.
import { createRequire } from 'node:module';
import type { FileLock } from '../../packages/core/src/file-lock.js';

const SOURCE = new URL('../../packages/core/src/file-lock.ts', import.meta.url);

if (process.argv.includes('--without-locks')) {
  const native = createRequire(SOURCE)('fs-native-extensions') as { tryLock: () => never };
  native.tryLock = () => {
    throw Object.assign(new Error('no locks available'), { code: 'ENOLCK' });
  };
}
const { claimLock, isLocked } = await import('../../packages/core/src/file-lock.js');
const { claimPart } = await import('../../packages/core/src/engine/provision/claim-part.js');

type Task = 'claim' | 'release' | 'isLocked' | 'watch' | 'part';

let lock: FileLock | undefined;
process.on('message', (message: readonly [task: Task, path: string]) => {
  void perform(...message).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.(error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  );
});
process.send?.('ready');

async function perform(task: Task, path: string): Promise<boolean | string> {
  if (task === 'isLocked') return isLocked(path);
  if (task === 'watch') watch(path);
  if (task === 'part') return (await claimPart(path, 'wheel')).path;
  if (task === 'claim') lock = await claimLock(path);
  if (task === 'release') lock?.release();
  return lock !== undefined;
}

/** Asks who holds a lock, without end. */
function watch(path: string): void {
  void isLocked(path).then(() => setImmediate(watch, path));
}
