import { join } from 'node:path';
import { SsqlError } from '../errors.js';
import { LOCK, RUN_FILES } from './run-files.js';

/**
 * The path of a file that a plugin writes to a folder.
 * @throws SsqlError FILE_NAME_INVALID, so that a plugin writes neither elsewhere nor over what ssql writes
 */
export function pluginFile(folder: string, name: string): string {
  checkFileName(name);
  return join(folder, name);
}

/**
 * Checks the name of a file that a plugin will write. A plugin with such an option calls it in `check`, before the first step.
 * @param option the option that has the name
 * @throws SsqlError FILE_NAME_INVALID
 */
export function checkFileName(name: string, option?: string): void {
  const problem = problemOf(name);
  if (problem !== undefined) throw fileNameInvalid(name, problem, option);
}

function problemOf(name: string): string | undefined {
  if (/[/\\:\0]/.test(name) || /^\.*$/.test(name)) return 'is not the plain name of a file';
  const bytes = Buffer.byteLength(name);
  if (bytes > LONGEST) return `is too long: it has ${bytes} bytes, and names of files have at most ${LONGEST}`;
  return isTaken(name) ? 'is the name of a file that ssql writes' : undefined;
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
function fileNameInvalid(name: string, problem: string, option: string | undefined): SsqlError {
  const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  return new SsqlError('FILE_NAME_INVALID', `\`${shown}\` ${problem}.`, {
    option,
    hint: 'Choose a plain file name, without a folder, that ssql does not use.',
  });
}
