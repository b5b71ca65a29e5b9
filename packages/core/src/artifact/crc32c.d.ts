declare module 'crc-32/crc32c.js' {
  const crc32c: { buf(bytes: Uint8Array, seed?: number): number };
  // eslint-disable-next-line no-restricted-syntax -- the foreign module has a default export
  export default crc32c;
}
