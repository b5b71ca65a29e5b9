import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMALL, ssql, writePipeline, type Ended } from './small-run.js';

/** Faults of the machine, or of what users name on it: each has a code, a place and a remedy. */
describe('faults of the machine', function () {
  this.timeout(120_000);
  let folder: string;
  let file: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-machine-'));
    file = writePipeline(folder, SMALL);
    writeFileSync(join(folder, 'a-file'), '');
  });
  after(() => rmSync(folder, { recursive: true }));

  const refused = ({ status, stderr }: Ended, says: RegExp): void => {
    assert.equal(status, 2, stderr);
    assert.match(stderr, says);
  };
  const dryRun = (...args: string[]): Promise<Ended> => ssql(folder, ['run', file, '--dry-run', ...args]);

  it('a folder of runs that cannot be is refused before anything runs', async () => {
    refused(await dryRun('--runs', 'a-file'), /^NOT_WRITABLE Cannot write a-file\/.*: a file is where its folder/);
    refused(await dryRun('--set', `name=${'n'.repeat(300)}`), /^NOT_WRITABLE .*: its name is too long/);
    refused(await ssql(folder, ['runs', 'a-file']), /^RUNS_MISSING There is no folder `a-file`/);
  });

  it('a network that does not fit into memory is refused before anything runs', async () => {
    refused(
      await dryRun('--set', 'backbone.with.width=1000000'),
      /^NETWORK_TOO_LARGE The networks have 74\d+ weights: [^]*backbone:/,
    );
  });

  it('widths at which all numbers become equal are refused where the pipeline asks for them', async () => {
    for (const place of ['stages.1.with.precisions=[w1a4]', 'quantization.pins.conv1=w1'])
      refused(
        await dryRun('--set', place),
        new RegExp(
          `^QUANTIZER_ONE_LEVEL At 1 bit, the quantizer \`uniform\` \\(.*\\) of weights [^]*${place.slice(0, 15)}`,
        ),
      );
    const { status, stderr } = await dryRun('--set', 'quantization.activations.bits=[1]');
    assert.equal(status, 0, stderr);
  });

  it('a cache that is a file is an error, not a fault in ssql', async () => {
    const environment = { SSQL_CACHE_DIR: join(folder, 'a-file') };
    const engine = (command: string): Promise<Ended> => ssql(folder, ['engine', command], undefined, environment);
    refused(await engine('install'), /^ENGINE_CACHE_READONLY .*a-file.*: a file is in the place of a folder\./);
    assert.equal((await engine('list')).stdout, '');
    assert.match((await engine('remove')).stdout, /is not installed/);
  });

  it('LIBTENSORFLOW_DIR that names a file is told its folder', async () => {
    refused(
      await ssql(folder, ['run', file, '--dry-run', '--set', 'engine.use=tensorflow'], undefined, {
        LIBTENSORFLOW_DIR: join(folder, 'a-file'),
      }),
      /^ENGINE_LIBRARY_MISSING LIBTENSORFLOW_DIR is .*a-file, which is a file\.\n {2}Set LIBTENSORFLOW_DIR to its folder/,
    );
  });

  /** Runs a pipeline in a namespace of its own, with a file system for its runs. */
  const onFileSystem = (options: string): Ended => {
    const runs = join(folder, 'mounted');
    mkdirSync(runs, { recursive: true });
    const [node, command] = [process.execPath, 'packages/core/bin/ssql.js'];
    const script = `mount -t tmpfs -o ${options} tmpfs ${runs} && exec ${node} ${command} run ${file} --runs ${runs}`;
    return spawnSync('unshare', ['-rm', 'sh', '-c', script], { encoding: 'utf8' });
  };

  it('a file system that is read-only, or has no inodes left, is named', function () {
    if (!existsSync('/proc/self/ns') || spawnSync('unshare', ['-rm', 'true']).status !== 0) this.skip();
    refused(onFileSystem('ro'), /^NOT_WRITABLE .*: the file system is read-only/);
    refused(onFileSystem('size=1m,nr_inodes=3'), /^DISK_FULL .*\n {2}Free some disk space, or remove files/);
  });
});
