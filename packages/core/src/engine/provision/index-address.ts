/** The address of a package index, and the header that authorizes requests. */
export interface IndexAddress {
  /** Ends in a slash. It contains no password, so it can be printed. */
  readonly url: URL;
  readonly authorization: string | undefined;
}

/** Parses the address of an index, `http(s)://user:password@host/simple`; undefined if it is none. */
export function indexAddress(index: string): IndexAddress | undefined {
  if (!URL.canParse(index)) return undefined;
  const url = new URL(index);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  const hasLogin = url.username !== '' || url.password !== '';
  const login = `${decoded(url.username)}:${decoded(url.password)}`;
  url.username = '';
  url.password = '';
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return { url, authorization: hasLogin ? `Basic ${Buffer.from(login).toString('base64')}` : undefined };
}

/** The headers of a request. The login is sent only to the host of the index. */
export function authorizationFor(url: URL, address: IndexAddress): { readonly [header: string]: string } {
  if (url.origin !== address.url.origin || address.authorization === undefined) return {};
  return { authorization: address.authorization };
}

/** A percent sign without two hexadecimal digits stays as it is. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString());
}
