import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { SsqlError } from '../../packages/core/src/errors.js';
import {
  installLibrary,
  type InstallOptions,
  type InstallProgress,
} from '../../packages/core/src/engine/provision/install.js';
import { listLibraries, removeLibrary } from '../../packages/core/src/engine/provision/installed.js';
import {
  cacheFolder,
  findLibrary,
  preferredReleases,
  type Environment,
} from '../../packages/core/src/engine/provision/locate.js';
import { librariesOf, releaseFor, wheelTags, type Release } from '../../packages/core/src/engine/provision/release.js';
import { RELEASES } from '../../packages/core/src/engine/provision/releases.js';
import { verifyLibrary } from '../../packages/core/src/engine/provision/verify-library.js';
import { storageError } from '../../packages/core/src/engine/provision/storage-error.js';
import {
  CONTENTS,
  downloads,
  fakeIndex,
  GPU_RELEASE,
  RELEASE,
  type FakeIndex,
  type FakeIndexOptions,
} from './fake-index.js';

const WHEEL = RELEASE.wheels[0]!;
const CONTENT = CONTENTS.get(WHEEL.file)!;
const NAMES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

describe('provision', () => {
  let home: string;
  let environment: Environment;
  let index: FakeIndex | undefined;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'ssql-provision-'));
    await mkdir(join(home, 'bin'));
    environment = { SSQL_CACHE_DIR: join(home, 'cache'), PIP_CONFIG_FILE: '/dev/null', PATH: join(home, 'bin') };
  });
  afterEach(async () => {
    await index?.close();
    index = undefined;
    await rm(home, { recursive: true, force: true });
  });

  const serve = async (options: FakeIndexOptions = {}): Promise<FakeIndex> => (index = await fakeIndex(options));
  const install = (options: InstallOptions = {}) =>
    installLibrary({ environment, home, release: RELEASE, ...(index && { index: index.url }), ...options });
  const part = (): string => join(home, 'cache', 'downloads', `${WHEEL.file}.part`);
  /** What lies in the folder of downloads, but for the lock, which stays. */
  const left = async (): Promise<readonly string[]> =>
    (await readdir(join(home, 'cache', 'downloads'))).filter((name) => name !== `${WHEEL.file}.part.lock`);
  const putPython = async (script: string): Promise<void> => {
    await writeFile(join(home, 'wheel'), CONTENT);
    await writeFile(join(home, 'bin', 'python3'), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
    await chmod(join(home, 'bin', 'python3'), 0o755);
  };

  describe('installLibrary from an index', () => {
    it('unpacks the two libraries of a wheel that the index lists', async () => {
      await serve({ told: WHEEL.sha256 });
      const seen: InstallProgress[] = [];
      const library = await install({ onProgress: (progress) => seen.push(progress) });
      assert.equal(library.source, 'cache');
      assert.equal(library.folder, join(home, 'cache', 'engines', 'libtensorflow-2.21.0-linux-x64'));
      assert.deepEqual((await readdir(library.folder)).toSorted(), NAMES);
      assert.deepEqual(
        library.files,
        NAMES.toReversed().map((name) => join(library.folder, name)),
      );
      assert.equal((await readFile(join(library.folder, NAMES[0] ?? ''))).length, 300_000);
      assert.deepEqual(await left(), []);
      for (const phase of ['download', 'verify', 'unpack']) {
        const last = seen.findLast((progress) => progress.phase === phase);
        assert.ok(last && last.done > 0 && last.done === last.total, phase);
      }
    });

    it('asks nobody when it is installed already', async () => {
      const { asked } = await serve();
      await install();
      const before = asked.length;
      await install();
      assert.equal(asked.length, before);
    });

    it('goes on where a connection was cut', async () => {
      const { asked } = await serve({ cuts: 2 });
      await install();
      const ranges = downloads(asked).map(({ range }) => range);
      assert.equal(ranges.length, 3);
      assert.equal(ranges[0], undefined);
      assert.match(ranges[1] ?? '', /^bytes=[1-9]\d*-$/);
      assert.notEqual(ranges[2], ranges[1]);
    });

    it('starts again where a server knows no ranges', async () => {
      await serve({ cuts: 1, ranges: false });
      await install();
    });

    it('tries again after 503, and not after 403', async () => {
      const patient = await serve({ failures: [503] });
      await install();
      assert.equal(downloads(patient.asked).length, 2);
      await patient.close();
      await removeLibrary({ environment, home, release: RELEASE });
      const strict = await serve({ failures: [403] });
      await assert.rejects(install(), unavailable(/403/));
      assert.equal(downloads(strict.asked).length, 1);
    });

    it('keeps what it has when it is aborted, and goes on from there', async () => {
      const stalled = await serve({ stalls: true });
      const abort = new AbortController();
      const stopped = install({
        signal: abort.signal,
        onProgress: ({ done }) => {
          if (done > 0) abort.abort();
        },
      });
      await assert.rejects(stopped, { name: 'AbortError' });
      const { size } = await stat(part());
      assert.ok(size > 0);
      assert.deepEqual(await left(), [`${WHEEL.file}.part`]);
      await stalled.close();
      const { asked } = await serve();
      await install();
      assert.equal(downloads(asked)[0]?.range, `bytes=${size}-`);
    });

    it('takes a part that is whole already, and starts over from one that is too long', async () => {
      await mkdir(join(home, 'cache', 'downloads'), { recursive: true });
      await writeFile(part(), CONTENT);
      await serve();
      await install();
      await removeLibrary({ environment, home, release: RELEASE });
      await writeFile(part(), Buffer.concat([CONTENT, CONTENT]));
      await install();
    });

    it('refuses a wheel with another checksum and removes it', async () => {
      await serve({ spoils: WHEEL.file });
      await assert.rejects(install(), coded('ENGINE_CHECKSUM'));
      assert.deepEqual(await left(), []);
      assert.equal(findLibrary(environment, { home, releases: [RELEASE] }), undefined);
    });

    it('downloads nothing where the index tells another checksum', async () => {
      const { asked } = await serve({ told: '0'.repeat(64) });
      await assert.rejects(install(), coded('ENGINE_CHECKSUM'));
      assert.equal(downloads(asked).length, 0);
    });

    it('says so where the index lacks the package or cannot be reached', async () => {
      const { url, close } = await serve({ lacks: WHEEL.package });
      await assert.rejects(install(), unavailable(/The index: .*tensorflow-cpu\/ answered 404/));
      await close();
      await assert.rejects(install({ index: url }), unavailable(/The index: .*ECONNREFUSED/));
      await assert.rejects(
        install({ index: 'ftp://user:secret@host/simple' }),
        unavailable(/does not start with http or https/),
      );
    });

    it('is where PIP_INDEX_URL says, and needs no Python', async () => {
      const { url } = await serve();
      const notes: string[] = [];
      const named = { ...environment, PIP_INDEX_URL: url };
      await installLibrary({ environment: named, home, release: RELEASE, onNote: (line) => notes.push(line) });
      assert.match(
        notes.join('\n'),
        /python3 -m pip: there is no python3 in the PATH\.\nDownloading .* \(1 MB\) from 127/,
      );
    });

    for (const format of ['html', 'refusing'] as const) {
      it(`says what to do where the index does not answer in JSON (${format})`, async () => {
        await serve({ format });
        await assert.rejects(
          install(),
          unavailable(
            /The index: .*tensorflow-cpu\/ does not answer in JSON.*\n.*no python3.*\nInstall pip.*PIP_INDEX_URL.*LIBTENSORFLOW_DIR/,
          ),
        );
      });
    }

    it('knows a disk that is really full, and goes on when there is space', async function () {
      const cache = join(home, 'cache');
      await mkdir(cache);
      const mount = (options: string) =>
        execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', cache], { stdio: 'ignore' });
      try {
        mount('size=256k');
      } catch {
        this.skip(); // mounting takes root
      }
      try {
        await serve();
        await assert.rejects(install(), coded('ENGINE_DISK_FULL'));
        mount('remount,size=4m');
        await install();
      } finally {
        execFileSync('umount', [cache]);
      }
    });

    it('gives a login to the index and shows it to nobody', async () => {
      const { url, asked } = await serve({ failures: [403] });
      const login = url.replace('//', '//me:p%40ss@');
      await assert.rejects(
        install({ index: login }),
        (error) => unavailable(/403/)(error) && !/p(%40|@)ss/.test(JSON.stringify(error)),
      );
      const expected = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
      assert.deepEqual([...new Set(asked.map(({ authorization }) => authorization))], [expected]);
    });

    it('ends well for two at once', async () => {
      await serve({ cuts: 1 });
      const [one, other] = await Promise.all([install(), install()]);
      assert.deepEqual(one, other);
      assert.deepEqual(await left(), []);
      assert.deepEqual(await readdir(join(home, 'cache', 'engines')), ['libtensorflow-2.21.0-linux-x64']);
    });

    it('does not care for a lock left behind, and repairs a broken installation', async () => {
      const { folder } = await serve().then(() => install());
      await writeFile(join(folder, 'libtensorflow_cc.so.2'), 'half');
      await writeFile(`${part()}.lock`, '');
      await install();
      assert.equal((await stat(join(folder, 'libtensorflow_cc.so.2'))).size, 300_000);
      assert.deepEqual(await left(), []);
    });
  });

  describe('installLibrary through pip', () => {
    it('has pip download for the release, and needs no index', async () => {
      await putPython(
        `echo "$@" > ${home}/arguments; while [ "$1" != --dest ]; do shift; done; cp ${home}/wheel "$2/${WHEEL.file}"`,
      );
      await install();
      const words = await readFile(join(home, 'arguments'), 'utf8');
      assert.match(
        words,
        /^-m pip download .*--python-version 3\.11 --platform manylinux_2_27_x86_64 .* tensorflow-cpu==2\.21\.0\n$/,
      );
      assert.deepEqual(await left(), []);
    });

    it('tells how far pip is', async () => {
      await putPython(
        `while [ "$1" != --dest ]; do shift; done; head -c 1000 ${home}/wheel > "$2/growing"; sleep 0.7; mv ${home}/wheel "$2/${WHEEL.file}"`,
      );
      const seen: number[] = [];
      const notes: string[] = [];
      await install({
        onProgress: ({ phase, done, total }) => {
          if (phase !== 'download') return;
          assert.equal(total, WHEEL.bytes);
          seen.push(done);
        },
        onNote: (line) => notes.push(line),
      });
      assert.ok(seen.includes(1000));
      assert.equal(seen.at(-1), WHEEL.bytes);
      assert.deepEqual(notes, [`python3 -m pip downloads ${WHEEL.file} (1 MB).`]);
    });

    it('goes to the index where pip fails, and says why', async () => {
      await putPython('echo "ERROR: no such thing" >&2; exit 1');
      const { url } = await serve();
      const notes: string[] = [];
      const named = { ...environment, PIP_INDEX_URL: url };
      await installLibrary({ environment: named, home, release: RELEASE, onNote: (line) => notes.push(line) });
      assert.equal(notes[1], 'python3 -m pip: no such thing.');
    });

    it('asks pip for an index that answers in HTML only', async () => {
      await putPython(
        `echo "$PIP_INDEX_URL" > ${home}/index; while [ "$1" != --dest ]; do shift; done; cp ${home}/wheel "$2/${WHEEL.file}"`,
      );
      const { url } = await serve({ format: 'html' });
      await install();
      assert.equal(await readFile(join(home, 'index'), 'utf8'), `${url}\n`);
    });

    it('says why each way failed', async () => {
      const { url, close } = await serve();
      await close();
      const named = { ...environment, PIP_INDEX_URL: url };
      const installed = () => installLibrary({ environment: named, home, release: RELEASE });
      await assert.rejects(
        installed(),
        unavailable(/python3 -m pip: there is no python3.*\nThe index: .*ECONNREFUSED/),
      );
      await putPython('echo "ERROR: no pip here" >&2; exit 1');
      await assert.rejects(installed(), unavailable(/python3 -m pip: no pip here\.\nThe index: .*ECONNREFUSED/));
    });

    it('refuses what pip brings where its checksum is another', async () => {
      await putPython(`while [ "$1" != --dest ]; do shift; done; head -c 1000 ${home}/wheel > "$2/${WHEEL.file}"`);
      await assert.rejects(install(), coded('ENGINE_CHECKSUM'));
      assert.deepEqual(await left(), []);
    });

    it('does not take the pip.py of the current folder for pip', async () => {
      await putPython(`pwd > ${home}/place; exit 1`);
      await assert.rejects(
        installLibrary({ environment: { ...environment, PIP_INDEX_URL: 'none' }, home, release: RELEASE }),
      );
      assert.ok((await readFile(join(home, 'place'), 'utf8')).includes(`${WHEEL.file}.part.pip-`));
    });

    it('knows a full disk', async () => {
      await putPython('echo "ERROR: [Errno 28] No space left on device" >&2; exit 1');
      await assert.rejects(install(), coded('ENGINE_DISK_FULL'));
      assert.ok(coded('ENGINE_DISK_FULL')(storageError(Object.assign(new Error('full'), { code: 'ENOSPC' }), home)));
    });

    it('stops pip when it is aborted', async () => {
      await putPython('exec sleep 30');
      await assert.rejects(install({ signal: AbortSignal.timeout(100) }), { name: 'TimeoutError' });
      assert.deepEqual(await left(), []);
    });
  });

  describe('installLibrary of a release with several wheels', () => {
    const installGpu = (options: InstallOptions = {}) => install({ release: GPU_RELEASE, ...options });
    const second = GPU_RELEASE.wheels[1]!;

    it('unpacks the libraries of all wheels into one folder and lists them in load order', async () => {
      await serve();
      const seen: InstallProgress[] = [];
      const { folder, files, build } = await installGpu({ onProgress: (progress) => seen.push(progress) });
      assert.equal(folder, join(home, 'cache', 'engines', 'libtensorflow-2.21.0-linux-x64-gpu'));
      assert.equal(build, 'gpu');
      const names = ['libcuda_fake.so.12', 'libcudnn_graph_fake.so.9', 'libcudnn_fake.so.9', ...NAMES.toReversed()];
      assert.deepEqual(
        files,
        names.map((name) => join(folder, name)),
      );
      assert.deepEqual((await readdir(folder)).toSorted(), names.toSorted());
      for (const phase of ['download', 'verify', 'unpack']) {
        const steps = seen.filter((progress) => progress.phase === phase);
        assert.deepEqual(
          steps.map(({ done }) => done),
          steps.map(({ done }) => done).toSorted((a, b) => a - b),
          phase,
        );
        assert.deepEqual([...new Set(steps.map(({ total }) => total))], [steps.at(-1)?.done], phase);
      }
    });

    it('continues in the second wheel after a failure, and downloads the first one only once', async () => {
      const { asked, close } = await serve({ spoils: second.file });
      await assert.rejects(installGpu(), coded('ENGINE_CHECKSUM'));
      assert.equal(downloads(asked).length, 3);
      assert.equal(findLibrary(environment, { home, releases: [GPU_RELEASE] }), undefined);
      assert.deepEqual(await readdir(join(home, 'cache')), ['downloads']);
      await close();
      const next = await serve({ cuts: 1 });
      await installGpu();
      assert.deepEqual(
        downloads(next.asked).map(({ path, range }) => [path, range !== undefined]),
        [
          [`/files/${second.file}`, false],
          [`/files/${second.file}`, true],
        ],
      );
    });

    it('names the wheel that lacks a library, and installs nothing', async () => {
      const { asked } = await serve();
      const wheels = GPU_RELEASE.wheels.map((wheel) =>
        wheel === second ? { ...wheel, libraries: wheel.libraries.map((file) => ({ ...file, bytes: 7 })) } : wheel,
      );
      await assert.rejects(
        installGpu({ release: { ...GPU_RELEASE, wheels } }),
        (error) => coded('ENGINE_WHEEL_INVALID')(error) && String(error).includes(second.file),
      );
      assert.equal(downloads(asked).length, 3);
      assert.deepEqual(await readdir(join(home, 'cache', 'engines')), []);
    });

    it('does not try a source again that failed for the first wheel', async () => {
      await putPython(`echo >> ${home}/calls; exit 1`);
      const { url } = await serve();
      await installLibrary({ environment: { ...environment, PIP_INDEX_URL: url }, home, release: GPU_RELEASE });
      assert.equal(await readFile(join(home, 'calls'), 'utf8'), '\n');
    });

    it('is listed and removed beside the CPU build', async () => {
      await serve();
      const cpu = await install();
      const gpu = await installGpu();
      const listed = async () =>
        (await listLibraries({ environment, home })).map(({ build, folder }) => [build, folder]);
      assert.deepEqual(await listed(), [
        ['cpu', cpu.folder],
        ['gpu', gpu.folder],
      ]);
      await writeFile(join(home, 'cache', 'downloads', `${second.file}.part`), 'half');
      assert.equal(await removeLibrary({ environment, home, release: GPU_RELEASE }), gpu.folder);
      assert.deepEqual(await listed(), [['cpu', cpu.folder]]);
      assert.deepEqual(await left(), []);
    });
  });

  describe('findLibrary', () => {
    it('takes the folder that LIBTENSORFLOW_DIR names, before the cache', async () => {
      const named = { ...environment, LIBTENSORFLOW_DIR: home };
      assert.throws(() => findLibrary(named, { home, releases: [RELEASE] }), coded('ENGINE_LIBRARY_MISSING'));
      for (const name of NAMES) await writeFile(join(home, name), 'own');
      assert.equal(findLibrary(named, { home, releases: [RELEASE] })?.folder, home);
      assert.equal((await installLibrary({ environment: named, home, release: RELEASE })).source, 'LIBTENSORFLOW_DIR');
    });

    it('takes the first release that is installed', async () => {
      await serve();
      const [cpu, gpu] = [await install(), await install({ release: GPU_RELEASE })];
      const find = (...releases: Release[]) => findLibrary(environment, { home, releases });
      assert.deepEqual(find(GPU_RELEASE, RELEASE), gpu);
      assert.deepEqual(find(RELEASE, GPU_RELEASE), cpu);
      await removeLibrary({ environment, home, release: RELEASE });
      assert.deepEqual(find(RELEASE, GPU_RELEASE), gpu);
    });

    it('tells a damaged library of full size, and keeps it until it is installed again', async () => {
      await serve();
      const library = await install();
      const file = library.files[0]!;
      const bytes = await readFile(file);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const [wheel] = RELEASE.wheels;
      const libraries = wheel!.libraries.map((each) =>
        file.endsWith(basename(each.path)) ? { ...each, sha256 } : each,
      );
      const release = { ...RELEASE, wheels: [{ ...wheel!, libraries }] };
      await verifyLibrary(library, release);
      bytes[0]! ^= 1;
      await writeFile(file, bytes);
      await assert.rejects(verifyLibrary(library, release), coded('ENGINE_CHECKSUM'));
      assert.deepEqual(await readFile(file), bytes);
      const notes: string[] = [];
      await install({ release, onNote: (note) => notes.push(note) });
      assert.match(notes[0] ?? '', /is damaged: .* Installing it again/);
      await verifyLibrary(library, release);
      await index!.close(); // an intact library needs no index
      index = undefined;
      await install({ release });
    });

    it('prefers the GPU build if there is a driver, and knows platforms without one', () => {
      const builds = (hasDriver: boolean, platform: string) =>
        preferredReleases(hasDriver, platform).map(({ build }) => build);
      assert.deepEqual(builds(true, 'linux-x64'), ['gpu', 'cpu']);
      assert.deepEqual(builds(false, 'linux-x64'), ['cpu', 'gpu']);
      assert.deepEqual(builds(true, 'darwin-arm64'), ['cpu']);
      assert.deepEqual(builds(true, 'aix-ppc64'), []);
    });

    it('recognizes both builds in LIBTENSORFLOW_DIR', async () => {
      const { folder, files } = await serve().then(() => install({ release: GPU_RELEASE }));
      const named = { ...environment, LIBTENSORFLOW_DIR: folder };
      const find = (...releases: Release[]) => findLibrary(named, { home, releases });
      assert.deepEqual(find(GPU_RELEASE, RELEASE)?.files, files);
      await rm(files[0]!);
      assert.equal(find(GPU_RELEASE, RELEASE)?.build, 'cpu');
      await rm(files.at(-1)!);
      assert.throws(() => find(GPU_RELEASE, RELEASE), /lacks libtensorflow_cc\.so\.2\.$/);
    });

    it('finds nothing in an empty cache, nor half a library', async () => {
      assert.equal(findLibrary(environment, { home, releases: [RELEASE] }), undefined);
      const { folder } = await serve().then(() => install());
      await rm(join(folder, 'libtensorflow_framework.so.2'));
      assert.equal(findLibrary(environment, { home, releases: [RELEASE] }), undefined);
    });
  });

  it('finds the cache by SSQL_CACHE_DIR, then XDG_CACHE_HOME, then the home', () => {
    assert.equal(cacheFolder({ SSQL_CACHE_DIR: '/a', XDG_CACHE_HOME: '/b' }, '/h'), '/a');
    assert.equal(cacheFolder({ XDG_CACHE_HOME: '/b' }, '/h'), '/b/ssql');
    assert.equal(
      cacheFolder({ XDG_CACHE_HOME: 'relative' }, '/h'),
      process.platform === 'darwin' ? '/h/Library/Caches/ssql' : '/h/.cache/ssql',
    );
  });

  it('lists and removes what is installed', async () => {
    assert.deepEqual(await listLibraries({ environment, home }), []);
    assert.equal(await removeLibrary({ environment, home, release: RELEASE }), undefined);
    const { folder } = await serve().then(() => install());
    await writeFile(part(), 'half');
    await mkdir(`${folder}.unpacking-old`);
    assert.deepEqual(await listLibraries({ environment, home }), [
      { version: '2.21.0', platform: 'linux-x64', build: 'cpu', folder, bytes: 340_000 },
    ]);
    assert.equal(await removeLibrary({ environment, home, release: RELEASE }), folder);
    assert.deepEqual(await listLibraries({ environment, home }), []);
    assert.deepEqual([...(await left()), ...(await readdir(join(home, 'cache', 'engines')))], []);
  });

  it('pins wheels for each platform and build', () => {
    const names = RELEASES.map(({ platform, build }) => `${platform} ${build}`);
    assert.deepEqual(names, ['linux-x64 cpu', 'linux-x64 gpu', 'linux-arm64 cpu', 'darwin-arm64 cpu']);
    for (const release of RELEASES) {
      const libraries = librariesOf(release).map(({ path }) => basename(path));
      assert.equal(new Set(libraries).size, libraries.length);
      assert.match(libraries.at(-1)!, /^libtensorflow_cc\./);
      for (const wheel of release.wheels) {
        assert.match(wheel.sha256, /^[0-9a-f]{64}$/);
        const { python, platform } = wheelTags(wheel);
        assert.equal(python, wheel.package.startsWith('nvidia-') ? '3' : '3.11');
        assert.match(platform, /^(manylinux|macosx)/);
        assert.ok(Object.isFrozen(wheel) && Object.isFrozen(wheel.libraries));
      }
    }
    assert.equal(releaseFor('cpu', 'aix-ppc64'), undefined);
    assert.equal(releaseFor('gpu', 'darwin-arm64'), undefined);
  });
});

function coded(code: string): (error: unknown) => boolean {
  return (error) => error instanceof SsqlError && error.code === code;
}

function unavailable(hint: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof SsqlError && error.code === 'ENGINE_UNAVAILABLE', String(error));
    assert.match(error.details.hint ?? '', hint);
    return true;
  };
}
