import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { claimPart } from '../engine/provision/claim-part.js';
import { hashFile } from '../engine/provision/checksum.js';
import { download, isNetworkFailure, DownloadFailed } from '../engine/provision/download.js';
import { makeFolder } from '../make-folder.js';
import type { AnyPlugin, DataFile } from '../plugin/contract.js';
import { archiveInvalid, dataChecksum, dataNotOffered, downloadFailed } from './get-data-errors.js';

export interface GetDataOptions {
  /** Stops the download. What was downloaded is kept and continued by the next call. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (file: string, done: number, total: number | undefined) => void;
}

/**
 * Downloads the files of a published set into a folder, checks them, and unpacks archives. A file that is there already is checked and
 * used; archives are removed when all are unpacked.
 * @throws SsqlError DATA_NOT_OFFERED, DOWNLOAD_FAILED, DATA_CHECKSUM, ARCHIVE_INVALID
 */
export async function getData(plugin: AnyPlugin, folder: string, options: GetDataOptions = {}): Promise<void> {
  const { files = [] } = plugin;
  if (files.length === 0) throw dataNotOffered(plugin);
  await makeFolder(folder);
  for (const file of files) await getFile(file, folder, options);
  const archives = files
    .filter(({ strip }) => strip !== undefined)
    .map((file) => ({ ...file, path: pathOf(file, folder) }));
  for (const { path, strip = 0 } of archives) {
    options.onProgress?.(`unpacking ${basename(path)}`, 0, undefined);
    const { unpackTar } = await import('./unpack-tar.js');
    await unpackTar(path, folder, strip).catch((error: unknown) => {
      throw archiveInvalid(path, error);
    });
  }
  for (const { path } of archives) await rm(path);
}

async function getFile(file: DataFile, folder: string, { signal, onProgress }: GetDataOptions): Promise<void> {
  const path = pathOf(file, folder);
  if (!existsSync(path)) {
    const part = await claimPart(folder, basename(path));
    try {
      await download(new URL(file.url), part.path, {
        signal,
        onProgress: (done, total) => onProgress?.(basename(path), done, total),
      });
      await rename(part.path, path);
    } catch (error) {
      if (isNetworkFailure(error) || error instanceof DownloadFailed) throw downloadFailed(file.url, path, error);
      throw error;
    } finally {
      await part.release();
    }
  }
  const md5 = await hashFile(path, { signal, algorithm: 'md5' });
  if (md5 === file.md5) return;
  await rm(path);
  throw dataChecksum(path, { actual: md5, expected: file.md5 });
}

function pathOf({ url }: DataFile, folder: string): string {
  return join(folder, basename(new URL(url).pathname));
}
