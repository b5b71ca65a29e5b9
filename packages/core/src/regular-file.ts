import { statSync } from 'node:fs';
import { SsqlError, type ErrorDetails } from './errors.js';
import { isCode } from './make-folder.js';

/**
 * Refuses what can be opened but is no file: a named pipe makes its reader wait for a writer, and a device such as /dev/zero has no end.
 * Every reader of a file that a user or another program names calls it first. A path where nothing is, and a folder, pass: reading them
 * fails at once.
 * @throws SsqlError FILE_SPECIAL
 */
export function refuseSpecialFile(path: string, details?: ErrorDetails): void {
  const kind = specialKind(path);
  if (kind !== undefined) throw fileSpecial(path, kind, details);
}

function specialKind(path: string): string | undefined {
  try {
    const stats = statSync(path);
    if (stats.isFIFO()) return 'a pipe';
    if (stats.isCharacterDevice() || stats.isBlockDevice()) return 'a device';
    return stats.isSocket() ? 'a socket' : undefined;
  } catch (error) {
    return isCode(error, 'ELOOP') ? 'a link that leads back to itself' : undefined;
  }
}

/**
 * In the place of a file is a pipe, a device, a socket, or a link that leads back to itself. None of them is read.
 * @remedy Name a file. Write what a pipe gives to a file first.
 */
function fileSpecial(path: string, kind: string, details?: ErrorDetails): SsqlError {
  return new SsqlError('FILE_SPECIAL', `${path} is ${kind}, not a file.`, { hint: 'Name a file.', ...details });
}
