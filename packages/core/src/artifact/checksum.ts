import { createHash } from 'node:crypto';
import { nearestName } from '../nearest-name.js';
import { checksumWrong } from './artifact-errors.js';

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const KEY = 'sha256';

/** A JSON object with a checksum of its other values. */
export function withChecksum(value: object): object {
  return { ...value, [KEY]: sha256(JSON.stringify(value)) };
}

/** A JSON object without its checksum, which is verified. Older files have none. @throws SsqlError RUN_CORRUPT */
export function verified(file: string, { [KEY]: checksum, ...value }: { readonly [key: string]: unknown }): object {
  // The damage may be in the key.
  const damaged = checksum === undefined && nearestName(KEY, Object.keys(value)) !== undefined;
  if (damaged || (checksum !== undefined && checksum !== sha256(JSON.stringify(value))))
    throw checksumWrong(file, `remove \`${KEY}\` from it`);
  return value;
}

/** A text with its checksum as a first line. There, a text that was cut keeps it. */
export function withChecksumLine(text: string): string {
  return `# ${KEY}: ${sha256(text)}\n${text}`;
}

/** A text without the line of its checksum, which is verified. Older files have none. @throws SsqlError RUN_CORRUPT */
export function verifiedText(file: string, text: string): string {
  const line = new RegExp(`^# ${KEY}: (.*)(\n|$)`).exec(text);
  if (line === null) return text;
  const rest = text.slice(line[0].length);
  if (line[1] !== sha256(rest)) throw checksumWrong(file, 'remove its first line');
  return rest;
}
