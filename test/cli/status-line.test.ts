import assert from 'node:assert/strict';
import { formatBar, formatStatus } from '../../packages/core/src/cli/status-line.js';
import { formatDuration } from '../../packages/core/src/duration.js';
import { createStatusLine } from '../../packages/core/src/cli/status-line.js';

const progress = { phase: 'pretrain', done: 25, total: 100, loss: -0.5, imagesPerSecond: 812.4 };

function stage(isTTY: boolean, environment = {}) {
  const written: string[] = [];
  const clock = { time: 0 };
  const line = createStatusLine(
    { isTTY, columns: 100, write: (text) => written.push(text) },
    { now: () => clock.time, environment },
  );
  return { written, clock, line };
}

describe('status line', () => {
  it('formats', () => {
    assert.equal(formatBar(0.5, 4), '━━──');
    assert.deepEqual([4.24, 9.96, 42, 59.7, 185, 200, 3599.6, 7500].map(formatDuration), [
      '4.2s',
      '10s',
      '42s',
      '1m 00s',
      '3m 05s',
      '3m 20s',
      '1h 00m',
      '2h 05m',
    ]);
    assert.equal(formatStatus(progress, 200), 'pretrain  25%  loss -0.5000  812 images/s  3m 20s left');
  });

  it('fits every width', () => {
    for (let width = 0; width < 100; width += 1) assert.ok(formatStatus(progress, 200, width).length <= width);
  });

  it('rewrites one line of a terminal at most 10 times a second', () => {
    const { written, clock, line } = stage(true, { NO_COLOR: '1' });
    for (; clock.time <= 1000; clock.time += 10) line.update({ phase: 'a', done: clock.time, total: 2000 });
    assert.equal(written.length, 11);
    assert.ok(written.every((text) => text.startsWith('\r\x1b[2K') && !text.includes('\x1b[36m')));
    assert.match(written.at(-1) ?? '', /50%  1\.0s left$/);
    line.note('hello');
    assert.match(written.at(-1) ?? '', /hello\n.*50%/);
    line.end();
    assert.equal(written.at(-1), '\n');
  });

  it('colors the bar unless NO_COLOR is set', () => {
    const { written, line } = stage(true);
    line.update(progress);
    assert.ok(written[0]?.includes('\x1b[36m━━━━\x1b[39m'));
  });

  it('prints plain lines elsewhere: every 10%, at most every 5 s, at least every 30 s, and the end', () => {
    const { written, clock, line } = stage(false);
    const until = (end: number, seconds: number): void => {
      for (let done = 0; done <= end; done += 1) {
        clock.time += 1000 * seconds;
        line.update({ phase: `${end} ${seconds}`, done, total: 100 });
      }
    };
    until(100, 0.01);
    assert.equal(written.splice(0).length, 2);
    until(99, 1);
    assert.equal(written.splice(0).length, 10);
    until(4, 31);
    assert.equal(written.splice(0).length, 5);
    assert.ok(written.every((text) => text.endsWith('\n') && !text.includes('\x1b')));
  });
});
