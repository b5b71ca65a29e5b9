import { randomUUID } from 'node:crypto';
import { openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Opens a file without a name: nothing is left behind when it is closed, even by a process that is killed. Its disk space is free then. */
export function openNamelessFile(folder: string): number {
  const path = join(folder, `ssql-images-${randomUUID()}`);
  const file = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return file;
}
