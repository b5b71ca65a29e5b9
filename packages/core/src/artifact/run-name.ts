import { sha256 } from './checksum.js';

/** The name of a run's folder: its label as a slug and 8 hex digits of a hash of label and pipeline, `ssql-seed-1-3fa2c1d0`. */
export function runId(label: string, resolvedYaml: string): string {
  const slug = label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 80);
  return `${slug === '' ? 'run' : slug}-${sha256(`${label}\n${resolvedYaml}`).slice(0, 8)}`;
}
