import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DownloadFailed } from './download.js';
import type { Environment } from './locate.js';
import { wheelTags, type Wheel } from './release.js';
import { diskFull } from './storage-error.js';

const REPORT_INTERVAL = 300;

export interface PipOptions {
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Downloads a wheel with pip and the user's configuration of pip, and moves it to `destination`.
 * @throws DownloadFailed
 * @throws ENGINE_DISK_FULL
 */
export async function pipDownload(wheel: Wheel, destination: string, options: PipOptions): Promise<void> {
  const workplace = await mkdtemp(`${destination}.pip-`);
  const timer = setInterval(() => void report(workplace, wheel.bytes, options), REPORT_INTERVAL);
  try {
    await runPip(pipArguments(wheel, workplace), workplace, options);
    await rename(join(workplace, wheel.file), destination).catch((cause: unknown) => {
      throw new DownloadFailed(`pip did not download ${wheel.file}`, { cause });
    });
    options.onProgress?.(wheel.bytes, wheel.bytes);
  } finally {
    clearInterval(timer);
    await rm(workplace, { recursive: true, force: true });
  }
}

function pipArguments(wheel: Wheel, folder: string): readonly string[] {
  const { python, platform } = wheelTags(wheel);
  return [
    ...['-m', 'pip', 'download', '--quiet', '--no-input', '--disable-pip-version-check', '--no-deps'],
    ...['--only-binary=:all:', '--implementation', 'cp', '--python-version', python, '--platform', platform],
    ...['--dest', folder, `${wheel.package}==${wheel.version}`],
  ];
}

/**
 * pip's temporary files go to the cache, because the system's folder for them may be too small. pip runs in the cache, because Python would
 * run a pip.py of the current folder instead.
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

/** The last line that pip marks as an error, otherwise the last line. */
function reason(stderr: string): string | undefined {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return (lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1))?.replace(/^ERROR: /, '');
}

/** Reports the size of the largest file so far. Files appear and vanish meanwhile. */
async function report(folder: string, total: number, { onProgress }: PipOptions): Promise<void> {
  if (!onProgress) return;
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = files.map((file) =>
    stat(join(folder, file)).then(
      (status) => (status.isFile() ? status.size : 0),
      () => 0,
    ),
  );
  onProgress(Math.min(total, Math.max(0, ...(await Promise.all(sizes)))), total);
}
