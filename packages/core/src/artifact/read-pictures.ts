import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Picture } from '../kinds/run-record.js';
import { readIfThere } from './run-files.js';

/** The SVG files in the folder of a run, sorted by name. @throws SsqlError RUN_CORRUPT for one that cannot be read */
export async function readPictures(folder: string): Promise<readonly Picture[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.svg')).toSorted();
  const files = await Promise.all(names.map(async (name) => ({ name, bytes: await readIfThere(join(folder, name)) })));
  return files.flatMap(({ name, bytes }) => (bytes === undefined ? [] : [{ name, svg: bytes.toString() }]));
}
