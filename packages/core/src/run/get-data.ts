import { lstat, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { claimPart } from '../engine/provision/claim-part.js';
import { writeAtomic } from '../artifact/write-atomic.js';
import { hashFile } from '../engine/provision/checksum.js';
import { download, isNetworkFailure, DownloadFailed } from '../engine/provision/download.js';
import { refuseSpecialFile } from '../regular-file.js';
import { makeFolder } from '../make-folder.js';
import type { AnyPlugin, DataFile } from '../plugin/contract.js';
import { archiveInvalid, dataChecksum, dataInTheWay, dataNotOffered, downloadFailed } from './get-data-errors.js';

export interface GetDataOptions {
  /** Stops the download. What was downloaded is kept and continued by the next call. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (file: string, done: number, total: number | undefined) => void;
}

/**
 * Downloads the files of a published set into a folder, checks them, and unpacks archives. A file that is there already is checked, used
 * and kept; archives that were downloaded are removed when all are unpacked. A hidden file keeps the checksum of each archive that was unpacked, which
 * is not downloaded again.
 * @returns the archives that were unpacked before, each with the hidden file that says so
 * @throws SsqlError DATA_NOT_OFFERED, DOWNLOAD_FAILED, DATA_CHECKSUM, DATA_IN_THE_WAY, ARCHIVE_INVALID
 */
export async function getData(
  plugin: AnyPlugin,
  folder: string,
  options: GetDataOptions = {},
): Promise<readonly UnpackedBefore[]> {
  const { files: offered = [] } = plugin;
  if (offered.length === 0) throw dataNotOffered(plugin);
  await makeFolder(folder);
  const before: UnpackedBefore[] = [];
  const files: DataFile[] = [];
  for (const file of offered) {
    const path = pathOf(file, folder);
    const mark = markOf(path);
    refuseSpecialFile(mark);
    if (!(await isThere(path)) && (await readFile(mark, 'utf8').catch(() => '')) === file.md5)
      before.push({ archive: basename(path), mark });
    else files.push(file);
  }
  const downloaded = new Set<string>();
  for (const file of files) if (await getFile(file, folder, options)) downloaded.add(pathOf(file, folder));
  const archives = files
    .filter(({ strip }) => strip !== undefined)
    .map((file) => ({ ...file, path: pathOf(file, folder) }));
  for (const { path, strip = 0 } of archives) {
    options.onProgress?.(`unpacking ${basename(path)}`, 0, undefined);
    const { unpackTar } = await import('./unpack-tar.js');
    const others = archives.map((archive) => archive.path);
    await unpackTar(path, folder, { strip, keep: others }).catch((error: unknown) => {
      throw archiveInvalid(path, error);
    });
  }
  for (const { path, md5 } of archives) {
    await writeAtomic(markOf(path), md5);
    if (downloaded.has(path)) await rm(path);
  }
  return before;
}

export interface UnpackedBefore {
  readonly archive: string;
  /** The hidden file; without it, the archive is downloaded again. */
  readonly mark: string;
}

function markOf(archive: string): string {
  return join(dirname(archive), `.${basename(archive)}.unpacked`);
}

/** Whether the file was downloaded. What is in its place is the user's: it is never written to or removed. */
async function getFile(file: DataFile, folder: string, { signal, onProgress }: GetDataOptions): Promise<boolean> {
  const path = pathOf(file, folder);
  if (await isThere(path)) {
    const actual = await hashFile(path, { signal, algorithm: 'md5' });
    if (actual === file.md5) return false;
    throw dataInTheWay(path, `has the MD5 ${actual}, not ${file.md5}`);
  }
  const part = await claimPart(folder, basename(path));
  try {
    if ((await lstat(part.path).catch(() => undefined))?.isFile() === false)
      throw dataInTheWay(part.path, 'is not a file');
    await download(new URL(file.url), part.path, {
      signal,
      onProgress: (done, total) => onProgress?.(basename(path), done, total),
    });
    const actual = await hashFile(part.path, { signal, algorithm: 'md5' });
    if (actual !== file.md5) {
      await rm(part.path);
      throw dataChecksum(file, actual);
    }
    await rename(part.path, path);
    return true;
  } catch (error) {
    if (isNetworkFailure(error) || error instanceof DownloadFailed) throw downloadFailed(file.url, path, error);
    throw error;
  } finally {
    await part.release();
  }
}

/** Whether a file is in a place. @throws SsqlError if something else is, such as a folder or a device */
async function isThere(path: string): Promise<boolean> {
  if ((await lstat(path).catch(() => undefined)) === undefined) return false;
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isFile() !== true) throw dataInTheWay(path, 'is not a file');
  return true;
}

function pathOf({ url }: DataFile, folder: string): string {
  return join(folder, basename(new URL(url).pathname));
}
