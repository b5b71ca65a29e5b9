import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { refuseSpecialFile } from '@ssql/core';
import { dataMissing } from './data-errors.js';

/** @throws SsqlError FILE_SPECIAL; DATA_MISSING if the folder or one of its files does not exist; the hint says what is expected, or to unpack it */
export async function requireFiles(folder: string, files: readonly string[], layout: string): Promise<void> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw dataMissing(`The folder ${folder}`, layout, cause);
  });
  const missing = files.find((name) => !names.includes(name));
  if (missing === undefined) return files.forEach((name) => refuseSpecialFile(join(folder, name)));
  const packed = ['.gz', '.tar.gz', '.tgz', '.zip'].find((suffix) => names.includes(missing + suffix));
  throw dataMissing(join(folder, missing), packed === undefined ? layout : `Unpack ${missing}${packed}.`);
}

/** The lines of a text that are not empty. */
export function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}
