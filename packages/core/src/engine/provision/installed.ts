import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { downloadsFolder, enginesFolder, installFolder, type ProvisionContext } from './locate.js';
import { releaseFor } from './release.js';
import { storageError } from './storage-error.js';

export interface InstalledLibrary {
  readonly version: string;
  /** `process.platform` and `process.arch` of the machine it is for. */
  readonly platform: string;
  readonly folder: string;
  readonly bytes: number;
}

/** What is installed in the cache, every version and platform, by folder name. */
export async function listLibraries({
  environment = process.env,
  home = homedir(),
}: Omit<ProvisionContext, 'release'> = {}): Promise<readonly InstalledLibrary[]> {
  const engines = enginesFolder(environment, home);
  const names = (await namesIn(engines)).toSorted();
  const found = names.map(async (name): Promise<readonly InstalledLibrary[]> => {
    const [, version, platform] = /^libtensorflow-([\d.]+)-([a-z\d]+-[a-z\d]+)$/.exec(name) ?? [];
    if (version === undefined || platform === undefined) return [];
    const folder = join(engines, name);
    return [Object.freeze({ version, platform, folder, bytes: await bytesIn(folder) })];
  });
  return Object.freeze((await Promise.all(found)).flat());
}

/**
 * Removes the installed libtensorflow from the cache, with what half downloads and broken installations left. Gives the
 * folder, or undefined where none was installed. Of LIBTENSORFLOW_DIR nothing is touched.
 * @throws ENGINE_CACHE_READONLY
 */
export async function removeLibrary({
  environment = process.env,
  home = homedir(),
  release = releaseFor(),
}: ProvisionContext = {}): Promise<string | undefined> {
  if (!release) return undefined;
  const folder = installFolder(release, environment, home);
  const downloads = downloadsFolder(environment, home);
  try {
    const removed = await moveAway(folder);
    await removeStarting(dirname(folder), `${basename(folder)}.`);
    await removeStarting(downloads, `${release.file}.`);
    return removed ? folder : undefined;
  } catch (error) {
    throw storageError(error, folder);
  }
}

/** One rename makes it gone for everybody; deleting takes longer. */
async function moveAway(folder: string): Promise<boolean> {
  try {
    await rename(folder, `${folder}.removing-${randomUUID()}`);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

async function removeStarting(folder: string, start: string): Promise<void> {
  const names = (await namesIn(folder)).filter((name) => name.startsWith(start));
  await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

async function bytesIn(folder: string): Promise<number> {
  const sizes = (await namesIn(folder)).map(async (name) => (await stat(join(folder, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** A folder that is not there holds nothing. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
