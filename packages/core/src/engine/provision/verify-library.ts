import { basename, join } from 'node:path';
import { checksumMismatch } from '../engine-errors.js';
import { hashFile } from './checksum.js';
import type { Library } from './locate.js';
import { librariesOf, releaseFor, type Release } from './release.js';

/**
 * Checks the bytes of an installed library, where its checksums are known: the system ends a process that loads a damaged one, without an error.
 * A folder that LIBTENSORFLOW_DIR names may hold another version, and is not checked.
 * @throws ENGINE_CHECKSUM
 */
export async function verifyLibrary(
  { folder, source, build }: Pick<Library, 'folder' | 'source' | 'build'>,
  release: Release | undefined = releaseFor(build),
): Promise<void> {
  if (source !== 'cache' || release === undefined) return;
  for (const { path, sha256 } of librariesOf(release)) {
    const file = join(folder, basename(path));
    if (sha256 !== undefined && (await hashFile(file)) !== sha256)
      throw checksumMismatch(
        `${file} is damaged: its bytes are not those that were released.`,
        'Run `ssql engine install`, which installs it again.',
      );
  }
}
