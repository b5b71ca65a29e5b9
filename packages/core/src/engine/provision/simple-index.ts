import { checksumMismatch } from '../engine-errors.js';
import { authorizationFor, type IndexAddress } from './index-address.js';
import type { Release } from './release.js';

const JSON_TYPE = 'application/vnd.pypi.simple.v1+json';
const ACCEPT = `${JSON_TYPE}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1`;

interface IndexedFile {
  readonly url: URL;
  readonly sha256: string | undefined;
}

/** An index that answers, but has not what is asked of it. */
export class NotInIndex extends Error {
  override readonly name = 'NotInIndex';
}

/**
 * Finds a release's wheel in a simple package index, HTML (PEP 503) or JSON (PEP 691).
 * @throws NotInIndex where the index has no such package or file
 * @throws ENGINE_CHECKSUM where the index holds another file under the wheel's name
 */
export async function findWheel(address: IndexAddress, release: Release, signal?: AbortSignal): Promise<URL> {
  const page = new URL(`${encodeURIComponent(release.package)}/`, address.url);
  const headers = { accept: ACCEPT, ...authorizationFor(page, address) };
  const response = await fetch(page, { headers, ...(signal && { signal }) });
  if (!response.ok) throw new NotInIndex(`${page.href} answered ${response.status} ${response.statusText}`.trim());
  const text = await response.text();
  const base = response.url || page.href;
  const type = response.headers.get('content-type') ?? '';
  const files = /\bjson\b/.test(type) ? filesInJson(text, base) : await filesInHtml(text, base);
  const found = files.find(({ url }) => lastSegment(url) === release.file);
  if (!found) throw new NotInIndex(`${page.href} lists ${files.length} files, and not ${release.file}`);
  if (found.sha256 !== undefined && found.sha256 !== release.sha256) {
    throw checksumMismatch(
      `the index has another ${release.file}: its sha256 is ${found.sha256}, not ${release.sha256}`,
      'Name another index with --index.',
    );
  }
  return found.url;
}

async function filesInHtml(text: string, page: string): Promise<readonly IndexedFile[]> {
  // Thirty modules, which nothing but an installation needs.
  const { Parser } = await import('htmlparser2');
  const links: string[] = [];
  let base = page;
  const parser = new Parser({
    onopentag(name, { href }) {
      if (href === undefined) return;
      if (name === 'base' && URL.canParse(href, page)) base = new URL(href, page).href;
      if (name === 'a') links.push(href);
    },
  });
  parser.end(text);
  return links.flatMap((link) => indexedFile(link, base, undefined));
}

function filesInJson(text: string, page: string): readonly IndexedFile[] {
  // The page comes from outside; every field is checked before it is used.
  const { files } = parseJson(text) as { readonly files?: unknown };
  if (!Array.isArray(files)) throw new NotInIndex(`${page} is JSON without a list of files`);
  return files.flatMap((file: { readonly url?: unknown; readonly hashes?: { readonly sha256?: unknown } } | null) => {
    const sha256 = file?.hashes?.sha256;
    return indexedFile(file?.url, page, typeof sha256 === 'string' ? sha256 : undefined);
  });
}

function parseJson(text: string): object {
  try {
    return Object(JSON.parse(text));
  } catch (cause) {
    throw new NotInIndex('the index says that its page is JSON, and it is not', { cause });
  }
}

function indexedFile(link: unknown, base: string, sha256: string | undefined): readonly IndexedFile[] {
  if (typeof link !== 'string' || !URL.canParse(link, base)) return [];
  const url = new URL(link, base);
  const fragment = /^#sha256=([0-9a-f]{64})$/i.exec(url.hash)?.[1];
  url.hash = '';
  return [{ url, sha256: (sha256 ?? fragment)?.toLowerCase() }];
}

function lastSegment(url: URL): string {
  return url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
}
