import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The version of ssql. */
export function readVersion(): string {
  const manifest = createRequire(import.meta.url).resolve('@ssql/core/package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version; // our own package.json
}
