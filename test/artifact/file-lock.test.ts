import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { claimRuns, isInUse } from '../../packages/core/src/artifact/run-folder.js';
import { claimLock, isLocked, lockOwner } from '../../packages/core/src/file-lock.js';
import { SsqlError } from '../../packages/core/src/index.js';

const SCRIPT = fileURLToPath(new URL('lock-process.ts', import.meta.url));

describe('file lock', () => {
  let folder: string;
  let path: string;
  let children: ChildProcess[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-lock-'));
    path = join(folder, 'lock');
    children = [];
  });
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  const start = async (...args: readonly string[]): Promise<ChildProcess> => {
    const child = fork(SCRIPT, args, { execArgv: ['--import', 'tsx'] });
    children.push(child);
    await once(child, 'message');
    return child;
  };
  const ask = async (child: ChildProcess, task: string, about: string): Promise<unknown> => {
    child.send([task, about]);
    const [answer] = (await once(child, 'message')) as [unknown];
    return answer;
  };

  it('gives one of eight processes the lock, each time', async () => {
    const processes = await Promise.all(Array.from({ length: 8 }, () => start()));
    for (let round = 0; round < 25; round++) {
      const answers = await Promise.all(processes.map((child) => ask(child, 'claim', path)));
      assert.deepEqual(answers.toSorted(), [...Array<boolean>(7).fill(false), true], `round ${round}`);
      await Promise.all(processes.map((child) => ask(child, 'release', path)));
    }
  });

  it('is freed when its owner is killed, and names the owner until then', async () => {
    const owner = await start();
    assert.equal(await ask(owner, 'claim', path), true);
    assert.equal(await isLocked(path), true);
    assert.equal(await claimLock(path), undefined);
    assert.match((await lockOwner(path)) ?? '', new RegExp(`^process ${owner.pid} on ${hostname()} since \\d{4}-`));
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    assert.equal(await isLocked(path), false);
    const lock = await claimLock(path);
    assert.ok(lock);
    lock.release();
  });

  it('holds against this process too, until it is released', async () => {
    const first = await claimLock(path);
    assert.ok(first);
    assert.equal(await claimLock(path), undefined);
    first.release();
    assert.equal(await isLocked(path), false);
    const second = await claimLock(path);
    assert.ok(second);
    second.release();
  });

  for (const [what, text] of [
    ['an empty file', ''],
    ['garbage', '\0{{'],
    ['the text of a process that is gone', `{"pid":${process.pid},"host":"${hostname()}"}`],
  ] as const) {
    it(`does not care for ${what} left behind`, async () => {
      writeFileSync(path, text);
      assert.equal(await isLocked(path), false);
      assert.equal(await lockOwner(path), undefined);
      const lock = await claimLock(path);
      assert.ok(lock);
      assert.equal(await isLocked(path), true);
      lock.release();
    });
  }

  it('can be claimed while others ask who holds it', async () => {
    for (const child of await Promise.all([start(), start(), start()])) await ask(child, 'watch', path);
    for (let round = 0; round < 500; round++) {
      const lock = await claimLock(path);
      assert.ok(lock, `round ${round}`);
      lock.release();
    }
  });

  it('is not taken through a link, whose file it would replace', async function () {
    if (process.platform === 'win32') this.skip();
    const victim = join(folder, 'notes.txt');
    writeFileSync(victim, 'mine');
    mkdirSync(join(folder, 'run'));
    symlinkSync(victim, join(folder, 'run', 'lock'));
    await assert.rejects(
      claimRuns([join(folder, 'run')]),
      (error) => error instanceof SsqlError && error.code === 'NOT_WRITABLE' && /it is a link/.test(error.message),
    );
    assert.equal(readFileSync(victim, 'utf8'), 'mine');
  });

  it('says so where nothing can be locked, and a download goes on in a file of its own', async () => {
    const child = await start('--without-locks');
    assert.equal(await ask(child, 'claim', path), 'LOCK_UNSUPPORTED');
    assert.equal(await ask(child, 'isLocked', path), false);
    assert.match(String(await ask(child, 'part', folder)), /wheel\.[0-9a-f-]{36}\.part$/);
  });

  it('keeps a second process out of a run, and asks nobody to remove a file', async () => {
    const owner = await start();
    assert.equal(await ask(owner, 'claim', path), true);
    assert.equal(await isInUse(folder), true);
    const other = join(folder, 'other');
    await assert.rejects(claimRuns([other, folder]), (error) => {
      assert.ok(error instanceof SsqlError && error.code === 'RUN_IN_USE');
      assert.match(error.message, new RegExp(`process ${owner.pid} on `));
      assert.doesNotMatch(error.details.hint ?? '', /remove|delete/i);
      return true;
    });
    assert.equal(existsSync(other), true);
    assert.equal(await isInUse(other), false);
  });
});
