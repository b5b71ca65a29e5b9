import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DownloadFailed } from './download.js';
import type { Environment } from './locate.js';
import { wheelTags, type Release } from './release.js';
import { diskFull } from './storage-error.js';

const LOOK_EVERY = 300;

export interface PipOptions {
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Has pip download a release's wheel, with pip's own configuration, and moves it to `destination`.
 * @throws DownloadFailed
 * @throws ENGINE_DISK_FULL
 */
export async function pipDownload(release: Release, destination: string, options: PipOptions): Promise<void> {
  const workplace = await mkdtemp(`${destination}.pip-`);
  const watch = setInterval(() => void report(workplace, release.bytes, options), LOOK_EVERY);
  try {
    await runPip(pipArguments(release, workplace), workplace, options);
    await rename(join(workplace, release.file), destination).catch((cause: unknown) => {
      throw new DownloadFailed(`pip downloaded another file than ${release.file}`, { cause });
    });
    options.onProgress?.(release.bytes, release.bytes);
  } finally {
    clearInterval(watch);
    await rm(workplace, { recursive: true, force: true });
  }
}

function pipArguments(release: Release, folder: string): readonly string[] {
  const { python, platform } = wheelTags(release);
  return [
    ...['-m', 'pip', 'download', '--quiet', '--no-input', '--disable-pip-version-check', '--no-deps'],
    ...['--only-binary=:all:', '--implementation', 'cp', '--python-version', python, '--platform', platform],
    ...['--dest', folder, `${release.package}==${release.version}`],
  ];
}

/**
 * pip's temporary files go to the cache too: the machine's own place for them may be too small. It runs in that folder, for Python
 * would take a pip.py of the current folder for pip.
 */
function runPip(pip: readonly string[], folder: string, { environment, signal }: PipOptions): Promise<void> {
  const env = { ...environment, TMPDIR: folder };
  return new Promise((resolve, reject) => {
    const settings = { cwd: folder, env, maxBuffer: 1 << 24, ...(signal && { signal }) };
    execFile('python3', pip, settings, (error, _stdout, stderr) => {
      if (!error) return resolve();
      if (signal?.aborted) return reject(signal.reason);
      if (/No space left on device|Disk quota exceeded/.test(stderr)) return reject(diskFull(dirname(folder), error));
      if (error.code === 'ENOENT')
        return reject(new DownloadFailed('there is no python3 in the PATH', { cause: error }));
      reject(new DownloadFailed(reason(stderr) ?? error.message, { cause: error }));
    });
  });
}

/** pip's last words: the line that says ERROR, else the last line. */
function reason(stderr: string): string | undefined {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return (lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1))?.replace(/^ERROR: /, '');
}

/** What pip has written so far. Files come and go meanwhile. */
async function report(folder: string, total: number, { onProgress }: PipOptions): Promise<void> {
  if (!onProgress) return;
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = files.map((file) =>
    stat(join(folder, file)).then(
      (found) => (found.isFile() ? found.size : 0),
      () => 0,
    ),
  );
  onProgress(Math.min(total, Math.max(0, ...(await Promise.all(sizes)))), total);
}
