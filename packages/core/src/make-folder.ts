import { constants } from 'node:fs';
import { access, mkdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Creates a folder and those above it, if they do not exist. Node's own `recursive` reports a full or read-only file system as a missing
 * folder.
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  await mkdir(folder).catch(async (error: unknown) => {
    if (!(await isFolder(folder))) throw error; // not made by another process meanwhile
  });
}

/**
 * Checks that files can be written to a folder, or that it can be created. Writes nothing. @throws what the system says
 * @param missing names of folders below it that do not exist
 */
export async function checkWritable(folder: string, missing: readonly string[] = []): Promise<void> {
  try {
    await access(folder, constants.W_OK);
  } catch (error) {
    if (!isCode(error, 'ENOENT') || dirname(folder) === folder) throw error;
    return checkWritable(dirname(folder), [basename(folder), ...missing]);
  }
  // Only a folder that exists says whether a name is too long.
  for (const name of missing)
    await access(join(folder, name)).catch((error: unknown) => {
      if (!isCode(error, 'ENOENT')) throw error;
    });
}

/** Whether the system's error has the code, such as `ENOENT`. */
export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

export function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
