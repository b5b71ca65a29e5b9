import { checksumMismatch } from '../engine-errors.js';
import { DownloadFailed } from './download.js';
import { authorizationFor, type IndexAddress } from './index-address.js';
import type { Wheel } from './release.js';

const JSON_TYPE = 'application/vnd.pypi.simple.v1+json';

/**
 * Finds a wheel in a package index that answers in JSON (PEP 691).
 * @throws DownloadFailed if the index lacks the package or the file, or answers only in HTML
 * @throws ENGINE_CHECKSUM if the index has another file of that name
 */
export async function findWheel(address: IndexAddress, wheel: Wheel, signal?: AbortSignal): Promise<URL> {
  const page = new URL(`${encodeURIComponent(wheel.package)}/`, address.url);
  const headers = { accept: JSON_TYPE, ...authorizationFor(page, address) };
  const response = await fetch(page, { headers, ...(signal && { signal }) });
  const type = response.headers.get('content-type') ?? '';
  if (!response.ok || !/\bjson\b/.test(type)) {
    await response.body?.cancel();
    if (!response.ok && response.status !== 406)
      throw new DownloadFailed(`${page.href} answered ${response.status} ${response.statusText}`.trim());
    throw new DownloadFailed(`${page.href} does not answer in JSON (PEP 691); only pip can read it`);
  }
  const file = fileIn(await response.text(), wheel.file);
  if (!file) throw new DownloadFailed(`${page.href} does not list ${wheel.file}`);
  const sha256 = file.hashes?.sha256;
  if (typeof sha256 === 'string' && sha256.toLowerCase() !== wheel.sha256) {
    throw checksumMismatch(
      `The index has another ${wheel.file}: its sha256 is ${sha256}, not ${wheel.sha256}.`,
      'Pass another index with --index.',
    );
  }
  const base = response.url || page.href;
  if (typeof file.url !== 'string' || !URL.canParse(file.url, base))
    throw new DownloadFailed(`${page.href} does not say where ${wheel.file} is`);
  return new URL(file.url, base);
}

/** A file in the answer of an index. Every field is checked before it is used. */
interface IndexedFile {
  readonly filename?: unknown;
  readonly url?: unknown;
  readonly hashes?: { readonly sha256?: unknown } | null;
}

function fileIn(text: string, name: string): IndexedFile | undefined {
  let page: { readonly files?: unknown } | null;
  try {
    page = JSON.parse(text);
  } catch (cause) {
    throw new DownloadFailed('the index says that it answers in JSON, but it does not', { cause });
  }
  const files: readonly (IndexedFile | null)[] = Array.isArray(page?.files) ? page.files : [];
  return files.find((file) => file?.filename === name) ?? undefined;
}
