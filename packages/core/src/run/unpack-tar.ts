import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';

export interface UnpackOptions {
  /** The number of leading folders of each path that are left out. */
  readonly strip: number;
  /** Files that are not written over: the archives themselves. */
  readonly keep: readonly string[];
}

/**
 * Unpacks an archive .tar, .tar.gz or .tgz into a folder, over files that are there, but not through links.
 * @throws Error if the archive is damaged, or has something that is neither a file nor a folder within it
 */
export async function unpackTar(archive: string, folder: string, { strip, keep }: UnpackOptions): Promise<void> {
  const refuseObstacle = await obstacles(folder, keep);
  const entries = extract();
  const packed = /\.t?gz$/.test(archive);
  // The pipeline ends the loop if the archive is damaged.
  const reading = packed
    ? pipeline(createReadStream(archive), createGunzip(), entries)
    : pipeline(createReadStream(archive), entries);
  const unpacking = (async () => {
    for await (const entry of entries) {
      const { name, type } = entry.header;
      const path = name.split('/').filter((part) => part !== '' && part !== '.');
      if (path.includes('..') || path.some((part) => part.includes('\\')) || name.startsWith('/'))
        throw new Error(`it has the path ${name}, which is outside of it`);
      const within = path.slice(strip);
      const target = join(folder, ...within);
      if (type === 'file' && path.length > strip) {
        await refuseObstacle(within);
        await mkdir(dirname(target), { recursive: true });
        await pipeline(entry, createWriteStream(target));
      } else if (type === 'file' || type === 'directory') entry.resume();
      else throw new Error(`it has ${name}, a ${type}`);
    }
  })();
  await Promise.all([reading, unpacking]);
}

/** Checks that nothing but files and folders is in the way of a path, and none of the files to keep: a link could lead out of the folder. */
async function obstacles(folder: string, keep: readonly string[]): Promise<(path: readonly string[]) => Promise<void>> {
  const passed = new Set<string>();
  const kept = await Promise.all(keep.map((file) => stat(file, { bigint: true })));
  return async (path) => {
    let place = folder;
    for (const [depth, part] of path.entries()) {
      place = join(place, part);
      if (passed.has(place)) continue;
      const stats = await lstat(place, { bigint: true }).catch(() => undefined);
      if (stats === undefined) return;
      if (!stats.isFile() && !stats.isDirectory())
        throw new Error(`${place}, where it has a file, is a link or device`);
      // Not by name: a file system may ignore case.
      if (kept.some(({ dev, ino }) => dev === stats.dev && ino === stats.ino))
        throw new Error(`${path.join('/')} would replace the archive ${place}`);
      if (depth < path.length - 1) passed.add(place);
    }
  };
}
