import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isCode } from '../../make-folder.js';
import { downloadsFolder, enginesFolder, installFolder, type CacheContext } from './locate.js';
import { releaseFor, type Build, type Release } from './release.js';
import { storageError } from './storage-error.js';

export interface InstalledLibrary {
  readonly version: string;
  /** `process.platform` and `process.arch` of the machine it is for. */
  readonly platform: string;
  readonly build: Build;
  readonly folder: string;
  readonly bytes: number;
}

export interface RemoveOptions extends CacheContext {
  /** Default: `cpu`. */
  readonly build?: Build;
  readonly release?: Release | undefined;
}

/** Lists the installed versions of all platforms and builds in the cache, sorted by folder name. */
export async function listLibraries({ environment = process.env, home = homedir() }: CacheContext = {}): Promise<
  readonly InstalledLibrary[]
> {
  const engines = enginesFolder(environment, home);
  const names = (await namesIn(engines)).toSorted();
  const libraries = names.map(async (name): Promise<readonly InstalledLibrary[]> => {
    const [, version, platform, gpu] = /^libtensorflow-([\d.]+)-([a-z\d]+-[a-z\d]+)(-gpu)?$/.exec(name) ?? [];
    if (version === undefined || platform === undefined) return [];
    const folder = join(engines, name);
    const build = gpu === undefined ? 'cpu' : 'gpu';
    return [Object.freeze({ version, platform, build, folder, bytes: await bytesIn(folder) })];
  });
  return Object.freeze((await Promise.all(libraries)).flat());
}

/**
 * Removes an installed build of libtensorflow from the cache, with its partial downloads and installations. Returns the folder, or
 * undefined if the build was not installed. Never changes the folder that LIBTENSORFLOW_DIR names.
 * @throws ENGINE_CACHE_READONLY
 */
export async function removeLibrary({
  environment = process.env,
  home = homedir(),
  build = 'cpu',
  release = releaseFor(build),
}: RemoveOptions = {}): Promise<string | undefined> {
  if (!release) return undefined;
  const folder = installFolder(release, environment, home);
  const downloads = downloadsFolder(environment, home);
  try {
    const removed = await moveAway(folder);
    await removeStarting(dirname(folder), `${basename(folder)}.`);
    for (const { file } of release.wheels) await removeStarting(downloads, `${file}.`);
    return removed ? folder : undefined;
  } catch (error) {
    throw storageError(error, folder);
  }
}

/** Renames the folder before it is deleted: no process sees it half deleted. */
async function moveAway(folder: string): Promise<boolean> {
  try {
    await rename(folder, `${folder}.removing-${randomUUID()}`);
    return true;
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return false;
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

/** The names in a folder; none if the folder does not exist. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
