import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMissing } from '../../bench/bench.js';
import { measureInTurn, type Side } from '../../bench/in-turn.js';

/** A process that appends its name to a file where a step begins and where it ends. */
function side(
  name: string,
  file: string,
  lastly = 'console.log(JSON.stringify({ seconds: [1], peakBytes: 2 }))',
): Side {
  const script = `
    const { appendFileSync } = require('node:fs');
    const requests = require('node:readline').createInterface({ input: process.stdin })[Symbol.asyncIterator]();
    (async () => {
      for (let step = 1; step <= 3; step++) {
        appendFileSync('${file}', '<${name}');
        await new Promise((resolve) => setTimeout(resolve, 20));
        appendFileSync('${file}', '${name}>');
        console.log('step', step);
        await requests.next();
      }
      ${lastly};
      process.exit();
    })();`;
  return { command: process.execPath, arguments: ['-e', script] };
}

describe('processes that step in turn', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'ssql-turns-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('wait for each other after the first step', async () => {
    const file = join(folder, 'steps.txt');
    const results = await measureInTurn({ a: side('a', file), b: side('b', file) });
    assert.deepEqual(results, { a: { seconds: [1], peakBytes: 2 }, b: { seconds: [1], peakBytes: 2 } });
    assert.ok((await readFile(file, 'utf8')).endsWith('<aa><bb><aa><bb>'));
  });

  it('are missing if they fail, with the reason, and the others go on', async () => {
    const file = join(folder, 'steps.txt');
    const results = await measureInTurn({
      fails: side('a', file, `console.error('Warning.\\nOut of memory.')`),
      throws: side('b', file, `throw new RangeError('No such image.')`),
      killed: side('b', file, `process.kill(process.pid, 'SIGKILL')`),
      works: side('b', file),
      absent: { missing: 'not installed' },
      unknown: { command: join(folder, 'nothing'), arguments: [] },
    });
    assert.deepEqual(results.fails, { missing: 'Out of memory.' });
    assert.deepEqual(results.throws, { missing: 'RangeError: No such image.' });
    assert.deepEqual(results.killed, { missing: 'its process ended with SIGKILL before its last step' });
    assert.ok(!isMissing(results.works));
    assert.deepEqual(results.absent, { missing: 'not installed' });
    assert.ok(isMissing(results.unknown) && results.unknown.missing.includes('ENOENT'));
  });
});
