import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';

/**
 * Unpacks an archive .tar, .tar.gz or .tgz into a folder, over files that are there.
 * @param strip the number of leading folders of each path that are left out
 * @throws Error if the archive is damaged, or has something that is neither a file nor a folder within it
 */
export async function unpackTar(archive: string, folder: string, strip: number): Promise<void> {
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
      const target = join(folder, ...path.slice(strip));
      if (type === 'file' && path.length > strip) {
        await mkdir(dirname(target), { recursive: true });
        await pipeline(entry, createWriteStream(target));
      } else if (type === 'file' || type === 'directory') entry.resume();
      else throw new Error(`it has ${name}, a ${type}`);
    }
  })();
  await Promise.all([reading, unpacking]);
}
