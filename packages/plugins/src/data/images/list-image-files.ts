import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A file of an image. */
export interface ImageFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly file: string;
  readonly bytes: number;
}

const IMAGE = /\.(?:jpe?g|jpe|jfif|png|webp|gif|tiff?|avif)$/i;

/** Whether a file's name is that of an image. */
export function isImageFile(name: string): boolean {
  return IMAGE.test(name);
}

/**
 * The images in a folder and the folders in it, sorted by path. Links are followed; hidden files and files of other types are left out.
 * @throws errors of the file system
 */
export function listImageFiles(folder: string): readonly ImageFile[] {
  return imagesIn(folder, '', new Set());
}

/** @param above the folders that contain this one; a link to one of them is not followed. */
function imagesIn(folder: string, prefix: string, above: ReadonlySet<string>): ImageFile[] {
  const real = realpathSync(folder);
  if (above.has(real)) return [];
  const within = new Set([...above, real]);
  const names = readdirSync(folder).sort();
  return names.flatMap((name) => {
    if (name.startsWith('.')) return [];
    const file = join(folder, name);
    const path = prefix + name;
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isDirectory() === true) return imagesIn(file, `${path}/`, within);
    if (!isImageFile(name)) return [];
    // A link to nothing is an image that cannot be read; a pipe or a device is none.
    return stats === undefined || stats.isFile() ? [{ path, file, bytes: stats?.size ?? 0 }] : [];
  });
}
