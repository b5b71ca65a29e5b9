import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestFile } from './mutation.js';

/** A test that hangs has noticed the mutation too. */
const LIMIT_SECONDS = 240;

interface Report {
  readonly stats: { readonly passes: number };
  readonly failures: readonly { readonly fullTitle: string }[];
}

/** The title of the first test of a file that fails in a folder, or how the file fails otherwise; `undefined` if all pass. */
export async function failureOf(folder: string, test: TestFile): Promise<string | undefined> {
  const [file, part] = test.split(' > ');
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  const options = [
    '--import=tsx',
    join('node_modules', 'mocha', 'bin', 'mocha.js'),
    '--no-config',
    '--exit',
    '--bail',
    '--timeout=120000',
    '--reporter=json',
    `--reporter-option=output=${report}`,
    ...(part === undefined ? [] : [`--fgrep=${part}`]),
    `test/${file}.test.ts`,
  ];
  const end = await new Promise<string | undefined>((resolve) => {
    const settings = { cwd: folder, timeout: 1000 * LIMIT_SECONDS, maxBuffer: 2 ** 28 };
    execFile(process.execPath, options, settings, (error, _, messages) => {
      resolve(
        error === null ? undefined : error.killed ? `it runs longer than ${LIMIT_SECONDS} s` : firstLine(messages),
      );
    });
  });
  if (!existsSync(report)) return end ?? 'it writes no report';
  const { stats, failures } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  if (failures[0] !== undefined) return failures[0].fullTitle;
  return end ?? (stats.passes === 0 ? 'no test ran' : undefined);
}

function firstLine(messages: string): string {
  return /^.*Error.*$/m.exec(messages)?.[0].trim() ?? 'the process fails';
}
