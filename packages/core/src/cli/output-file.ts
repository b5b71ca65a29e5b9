import { open, stat } from 'node:fs/promises';
import { writeAtomic } from '../artifact/write-atomic.js';
import { SsqlError } from '../errors.js';
import { wouldReplace } from './cli-errors.js';

/** A page replaces a page, and nothing else. @throws SsqlError WOULD_REPLACE */
export async function checkPage(file: string): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (there === undefined) return;
  if (!there.isFile()) throw wouldReplace(file);
  const handle = await open(file);
  try {
    const { buffer } = await handle.read({ buffer: Buffer.alloc(PAGE.length) });
    if (there.size > 0 && buffer.toString().toLowerCase() !== PAGE) throw wouldReplace(file);
  } finally {
    await handle.close();
  }
}

/** A picture is replaced only together with the page beside it: another picture is somebody's. @throws SsqlError WOULD_REPLACE */
export async function checkPictureOf(page: string, file: string): Promise<void> {
  await checkPage(page);
  const [there, beside] = await Promise.all([file, page].map((path) => stat(path).catch(() => undefined)));
  if (there !== undefined && !(there.isFile() && beside !== undefined)) throw wouldReplace(file);
}

/** Writes a file that `--out` names. @throws SsqlError DISK_FULL, NOT_WRITABLE */
export async function writeOutput(file: string, data: string | Uint8Array): Promise<void> {
  try {
    await writeAtomic(file, data);
  } catch (error) {
    if (!(error instanceof SsqlError)) throw error;
    const hint = 'Remove the reason, or choose another `--out`.';
    throw new SsqlError(error.code, error.message, { ...error.details, hint });
  }
}

/** How a page starts. */
const PAGE = '<!doctype html>';
