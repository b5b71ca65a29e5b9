import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { findLibrary } from '@ssql/core/run';
import { loadAfterCrash } from '../../packages/core/src/engine/tensorflow/load-after-crash.js';

describe('a library whose loading ended a process', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-load-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const library = (): string => join(folder, 'library.so');
  const ended = (): number => spawnSync(process.execPath, ['--version']).pid;
  const load = (signal: NodeJS.Signals | undefined, tried: string[] = []): string[] => {
    loadAfterCrash(
      [library()],
      () => tried.push(`here with ${readdirSync(folder).length} files`),
      () => {
        tried.push('in a child');
        return signal;
      },
    );
    return tried;
  };

  it('is marked only while it is loaded', () => {
    assert.deepEqual(load('SIGBUS'), ['here with 1 files']);
    assert.deepEqual(readdirSync(folder), []);
    assert.throws(() => loadAfterCrash([library()], () => assert.fail('no library')), /no library/);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('is loaded in a child first, and here only if the child lives', () => {
    const marker = join(folder, `loading.${ended()}`);
    writeFileSync(marker, '');
    const tried: string[] = [];
    assert.throws(() => load('SIGBUS', tried), { code: 'ENGINE_LIBRARY_BROKEN', message: /ended by SIGBUS/ });
    assert.deepEqual([tried, existsSync(marker)], [['in a child'], true]);
    assert.deepEqual(load(undefined), ['in a child', 'here with 1 files']);
    assert.deepEqual(load(undefined), ['here with 1 files']);
  });

  it('is none while another process loads it, unless that takes too long', () => {
    const marker = join(folder, `loading.${process.ppid}`);
    writeFileSync(marker, '');
    assert.deepEqual(load('SIGBUS'), ['here with 2 files']);
    utimesSync(marker, 0, 0);
    assert.throws(() => load('SIGBUS'), { code: 'ENGINE_LIBRARY_BROKEN' });
  });

  it('ends a real child by its signal, and not this process', function () {
    const whole = 'node_modules/@koromix/koffi-linux-x64/linux_x64/koffi.node'; // a library at hand
    if (process.platform !== 'linux' || !existsSync(whole)) this.skip();
    writeFileSync(library(), readFileSync(whole).subarray(0, 300_000));
    writeFileSync(join(folder, `loading.${ended()}`), '');
    const loads = () => loadAfterCrash([library()], () => assert.fail('loaded here'));
    assert.throws(loads, { code: 'ENGINE_LIBRARY_BROKEN', message: /ended by SIGBUS/ });
  });

  it('is libtensorflow itself, if a process was killed meanwhile: a whole one is loaded', function () {
    const installed = findLibrary();
    if (installed === undefined) this.skip();
    const files = installed.files.map((file) => join(folder, basename(file)));
    for (const [index, file] of files.entries()) symlinkSync(installed.files[index]!, file);
    writeFileSync(join(folder, `loading.${ended()}`), '');
    assert.equal(
      loadAfterCrash(files, () => 'loaded'),
      'loaded',
    );
    assert.deepEqual(readdirSync(folder).length, files.length);
  });

  it('is tried with the real loader, whose errors are left to the load here', () => {
    writeFileSync(library(), 'no library');
    writeFileSync(join(folder, `loading.${ended()}`), '');
    assert.equal(
      loadAfterCrash([library()], () => 'loaded'),
      'loaded',
    );
  });
});
