export interface ColorStream {
  readonly isTTY?: boolean;
}

/**
 * Whether text for a stream is coloured: what NO_COLOR or FORCE_COLOR asks for, else whether it is a terminal. picocolors, which does
 * the colouring, looks at standard output only, treats FORCE_COLOR=0 as enabled, and colours in any CI.
 */
export function wantsColor(
  stream: ColorStream,
  environment: { readonly [name: string]: string | undefined } = process.env,
): boolean {
  const { NO_COLOR: no = '', FORCE_COLOR: force = '' } = environment;
  if (no !== '' || force === '0' || force === 'false') return false;
  return force !== '' || stream.isTTY === true;
}
