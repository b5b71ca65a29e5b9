import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Files of sessions, not of results: who holds the lock, and the clock. */
const OF_SESSIONS = /^(lock|events\.out\.tfevents\..*)$/;

/** What is compared of files that hold times. */
const WITHOUT_TIMES: { readonly [name: string]: (text: string) => unknown } = {
  'manifest.json': (text) => {
    const {
      date: _date,
      sessions: _sessions,
      sha256: _checksum,
      ...rest
    } = JSON.parse(text) as { [key: string]: unknown };
    return rest;
  },
  'metrics.csv': (text) => text.replace(/^((?:[^,]*,){5})[^,]*/gm, '$1'),
  'timings.json': (text) => Object.keys(JSON.parse(text) as object),
  'speed.ndjson': (text) => text.replace(/"imagesPerSecond":[^}]*/g, ''),
  'report.html': (text) => text.trimEnd().endsWith('</html>'),
};

/** The contents of the files below a folder by path, without what clocks write. */
export function contentsOf(folder: string): ReadonlyMap<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory() && !OF_SESSIONS.test(entry.name));
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      // Pipes and links to devices are not read.
      return [path.slice(folder.length + 1), entry.isFile() ? comparable(path) : 'no file'] as const;
    }),
  );
}

function comparable(path: string): string {
  const bytes = readFileSync(path);
  const reduce = WITHOUT_TIMES[basename(path)];
  if (reduce === undefined) return bytes.toString('latin1');
  try {
    return JSON.stringify(reduce(bytes.toString()));
  } catch {
    return bytes.toString('latin1');
  }
}

/** The files that differ from the expected ones, each in words. */
export function differences(expected: ReadonlyMap<string, string>, actual: ReadonlyMap<string, string>): string[] {
  const missing = [...expected.keys()].filter((file) => !actual.has(file)).map((file) => `${file} is missing`);
  const left = [...actual.keys()].filter((file) => !expected.has(file)).map((file) => `${file} is left behind`);
  const other = [...expected].flatMap(([file, text]) =>
    actual.has(file) && actual.get(file) !== text ? [`${file} differs`] : [],
  );
  return [...missing, ...left, ...other];
}
