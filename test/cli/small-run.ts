import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';

const COMMAND = fileURLToPath(new URL('../../packages/core/bin/ssql.js', import.meta.url));

type Document = { readonly [key: string]: unknown };

/** small-pipeline.yaml, to be changed. */
export const SMALL = parse(readFileSync(new URL('small-pipeline.yaml', import.meta.url), 'utf8')) as Document;

/** Writes a pipeline into a folder and says where. */
export function writePipeline(folder: string, document: Document, name = 'pipeline.yaml'): string {
  const file = join(folder, name);
  writeFileSync(file, stringify(document));
  return file;
}

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the command in a folder, to its end. `watch` sees what it has written to standard error so far, can interrupt it once, and can close
 * the pipe.
 */
export function ssql(
  folder: string,
  args: readonly string[],
  watch: (stderr: string, interrupt: (signal?: NodeJS.Signals) => void, close: () => void) => void = () => undefined,
  environment: object = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', ...environment },
  });
  let [stdout, stderr] = ['', ''];
  let interrupted = false;
  const interrupt = (signal: NodeJS.Signals = 'SIGINT'): void => {
    if (!interrupted) child.kill(signal);
    interrupted = true;
  };
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString();
    watch(stderr, interrupt, () => child.stderr.destroy());
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}
