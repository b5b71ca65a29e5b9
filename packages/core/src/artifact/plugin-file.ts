import { join } from 'node:path';
import { SsqlError } from '../errors.js';
import { LOCK, RUN_FILES } from './run-files.js';

/**
 * The path of a file that a plugin writes to a folder.
 * @throws SsqlError FILE_NAME_INVALID, so that a plugin writes neither elsewhere nor over what ssql writes
 */
export function pluginFile(folder: string, name: string): string {
  if (!isPlain(name)) throw fileNameInvalid(name, 'is not the plain name of a file');
  if (isTaken(name)) throw fileNameInvalid(name, 'is the name of a file that ssql writes');
  return join(folder, name);
}

function isPlain(name: string): boolean {
  return !/[/\\:\0]/.test(name) && !/^\.*$/.test(name) && Buffer.byteLength(name) <= LONGEST;
}

/** Bytes of the longest name that file systems take, less those of a temporary file's ending. */
const LONGEST = 230;

/** Some file systems do not tell upper case from lower case. */
function isTaken(name: string): boolean {
  const lower = name.toLowerCase();
  return TAKEN.has(lower) || lower.endsWith('.tmp');
}

const { report: _writtenByAPlugin, ...WRITTEN } = RUN_FILES;
const TAKEN: ReadonlySet<string> = new Set([...Object.values(WRITTEN), LOCK]);

/**
 * A plugin wants to write a file outside its folder, or one that ssql writes.
 * @remedy Choose a plain file name, without a folder, that ssql does not use.
 */
function fileNameInvalid(name: string, problem: string): SsqlError {
  return new SsqlError('FILE_NAME_INVALID', `\`${name}\` ${problem}.`, {
    hint: 'Choose a plain file name, without a folder, that ssql does not use.',
  });
}
