import { checksumMismatch } from '../engine-errors.js';
import { DownloadFailed } from './download.js';
import { authorizationFor, type IndexAddress } from './index-address.js';
import type { Release } from './release.js';

const JSON_TYPE = 'application/vnd.pypi.simple.v1+json';

/**
 * Finds a release's wheel in a package index that answers in JSON (PEP 691).
 * @throws DownloadFailed where the index has no such package or file, or answers in HTML only
 * @throws ENGINE_CHECKSUM where the index holds another file under the wheel's name
 */
export async function findWheel(address: IndexAddress, release: Release, signal?: AbortSignal): Promise<URL> {
  const page = new URL(`${encodeURIComponent(release.package)}/`, address.url);
  const headers = { accept: JSON_TYPE, ...authorizationFor(page, address) };
  const response = await fetch(page, { headers, ...(signal && { signal }) });
  const type = response.headers.get('content-type') ?? '';
  if (!response.ok || !/\bjson\b/.test(type)) {
    await response.body?.cancel();
    if (!response.ok && response.status !== 406)
      throw new DownloadFailed(`${page.href} answered ${response.status} ${response.statusText}`.trim());
    throw new DownloadFailed(`${page.href} does not answer in JSON (PEP 691), which only pip can do without`);
  }
  const file = fileIn(await response.text(), release.file);
  if (!file) throw new DownloadFailed(`${page.href} does not list ${release.file}`);
  const sha256 = file.hashes?.sha256;
  if (typeof sha256 === 'string' && sha256.toLowerCase() !== release.sha256) {
    throw checksumMismatch(
      `the index has another ${release.file}: its sha256 is ${sha256}, not ${release.sha256}`,
      'Name another index with --index.',
    );
  }
  const base = response.url || page.href;
  if (typeof file.url !== 'string' || !URL.canParse(file.url, base))
    throw new DownloadFailed(`${page.href} does not say where ${release.file} is`);
  return new URL(file.url, base);
}

/** A file as an index lists it. It comes from outside: every field is checked before it is used. */
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
    throw new DownloadFailed('the index says that its page is JSON, and it is not', { cause });
  }
  const files: readonly (IndexedFile | null)[] = Array.isArray(page?.files) ? page.files : [];
  return files.find((file) => file?.filename === name) ?? undefined;
}
