import { createHash } from 'node:crypto';

/** A hash of all that a phase depends on. */
export function fingerprint(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
