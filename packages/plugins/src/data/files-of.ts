import { existsSync, opendirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { refuseSpecialFile } from '@ssql/core';
import { dataMissing, dataUnreadable } from './data-errors.js';

/** @throws SsqlError FILE_SPECIAL; DATA_UNREADABLE; DATA_MISSING if the folder or one of its files does not exist; the hint says what is expected, or to unpack it */
export async function requireFiles(folder: string, files: readonly string[], layout: string): Promise<void> {
  requireFolder(folder, layout);
  const names = await readdir(folder);
  const missing = files.find((name) => !names.includes(name));
  if (missing === undefined) return files.forEach((name) => refuseSpecialFile(join(folder, name)));
  const packed = ['.gz', '.tar.gz', '.tgz', '.zip'].find((suffix) => names.includes(missing + suffix));
  throw dataMissing(join(folder, missing), packed === undefined ? layout : `Unpack ${missing}${packed}.`);
}

/** The lines of a text that are not empty. */
export function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}

/** @throws SsqlError DATA_MISSING if the folder does not exist; DATA_UNREADABLE if it is a file, or may not be read */
export function requireFolder(folder: string, hint: string): void {
  try {
    opendirSync(folder).closeSync();
  } catch (cause) {
    throw existsSync(folder) ? dataUnreadable(folder, cause) : dataMissing(`The folder ${folder}`, hint, cause);
  }
}
