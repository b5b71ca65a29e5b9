/** Where an index is, and the header that opens it. */
export interface IndexAddress {
  /** Ends in a slash and carries no password, so that it can be shown. */
  readonly url: URL;
  readonly authorization: string | undefined;
}

/** Reads an index's address, `http(s)://user:password@host/simple`; undefined where it is no such address. */
export function indexAddress(index: string): IndexAddress | undefined {
  if (!URL.canParse(index)) return undefined;
  const url = new URL(index);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  const named = url.username !== '' || url.password !== '';
  const login = `${decoded(url.username)}:${decoded(url.password)}`;
  url.username = '';
  url.password = '';
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return { url, authorization: named ? `Basic ${Buffer.from(login).toString('base64')}` : undefined };
}

/** The headers for a request: the index's login goes to the index's own host and to no other. */
export function authorizationFor(url: URL, address: IndexAddress): { readonly [header: string]: string } {
  const own = url.origin === address.url.origin && address.authorization !== undefined;
  return own ? { authorization: address.authorization } : {};
}

/** A percent sign that encodes nothing is meant as it stands. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString());
}
