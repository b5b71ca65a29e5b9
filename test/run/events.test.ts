import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SsqlError } from '@ssql/core';
import { PipelineErrors, planPipeline, runPipeline, type RunEvent } from '@ssql/core/run';
import { SMALL } from '../cli/small-run.js';

/** Two steps, and one quick stage. */
const TINY = {
  ...SMALL,
  name: 'tiny',
  data: { use: 'digits', with: { test: 9960 } },
  loggers: [],
  train: { epochs: 1, batch: 20 },
  monitor: { stages: [{ use: 'decomposition', with: { precisions: ['w4a4'], batches: 1 } }] },
  stages: [],
};

describe('runPipeline', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-events-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Events in one word each, without repetitions. */
  const words = (events: readonly RunEvent[]): string[] =>
    events
      .map((event) => {
        if (event.type === 'step') return `${event.run.label} ${event.done}/${event.total}`;
        return event.type === 'progress' ? event.phase : event.type;
      })
      .filter((word, index, all) => word !== all[index - 1]);

  it('takes an object, and its promise is an iterable of events', async () => {
    const seen: RunEvent[] = [];
    const running = runPipeline(TINY, { folder, onEvent: (event) => void seen.push(event) });
    const events: RunEvent[] = [];
    for await (const event of running) events.push(event);
    assert.deepEqual(events, seen);
    assert.deepEqual(words(events.filter(({ type }) => type !== 'note')), [
      'planned',
      'SSQL-SimSiam 0/2',
      'SSQL-SimSiam 1/2',
      'SSQL-SimSiam 2/2',
      'monitor',
      'monitored',
      'finished',
    ]);
    const { runs } = await running;
    const finished = events.find((event) => event.type === 'finished');
    assert.deepEqual(finished?.record, runs[0]);
    assert.ok((finished?.seconds ?? 0) > 0);
    for await (const _ of running) assert.fail('nothing happens after the end');

    const again: RunEvent[] = [];
    for await (const event of runPipeline(TINY, { folder })) again.push(event);
    assert.deepEqual(words(again), ['planned', 'finished']);
    assert.ok(again[1]?.type === 'finished' && again[1].seconds === undefined);
    const planned = await planPipeline(TINY, { folder });
    assert.deepEqual([planned.name, planned.runs[0]?.phases[0]?.state], ['tiny', 'finished']);
  });

  it('stops by its signal, and goes on when the loop is left', async () => {
    const stop = new AbortController();
    const running = runPipeline(TINY, { folder, signal: stop.signal });
    await assert.rejects(async () => {
      for await (const event of running) if (event.type === 'step' && event.done === 1) stop.abort(new Error('enough'));
    }, /^Error: enough$/);
    await assert.rejects(running, /enough/);
    await assert.rejects(async () => runPipeline(TINY, { folder }), /holds an unfinished run/);
    const resumed = runPipeline(TINY, { folder, resume: true });
    for await (const { type } of resumed) if (type === 'planned') break;
    assert.equal((await resumed).runs[0]?.metrics.length, 2);
  });

  it('throws the problems of an object, with their places in it', async () => {
    await assert.rejects(runPipeline({ ...TINY, train: { epochs: 'many', batch: 20 } }, { folder }), (error) => {
      assert.ok(error instanceof PipelineErrors);
      const [{ code, details }] = error.errors as [(typeof error.errors)[0]];
      assert.equal(code, 'WRONG_TYPE');
      assert.match(details.location?.frame ?? '', /epochs: many/);
      return true;
    });
  });

  it('refuses options and sources that are none, with what it expects', async () => {
    const wrong = async (source: unknown, options: unknown, code: string, message: RegExp): Promise<void> => {
      for (const start of [runPipeline, planPipeline]) {
        await assert.rejects(start(source as never, options as never), (error: SsqlError) => {
          assert.equal(error.code, code);
          assert.match(`${error.message} ${error.details.hint ?? ''}`, message);
          return true;
        });
      }
    };
    await wrong(TINY, { onEvnt: () => undefined }, 'RUN_OPTION_UNKNOWN', /no option `onEvnt`.*Did you mean `onEvent`/);
    await wrong(TINY, { progress: true }, 'RUN_OPTION_UNKNOWN', /Options are `folder`, `resume`/);
    await wrong(TINY, { set: 'seed=1' }, 'RUN_OPTION_INVALID', /a list of texts.* for `set`, found "seed=1"/);
    await wrong(TINY, { plugins: null }, 'RUN_OPTION_INVALID', /a registry or a function for `plugins`, found null/);
    await wrong(TINY, { constructor: 1 }, 'RUN_OPTION_UNKNOWN', /no option `constructor`/);
    await wrong({ ...TINY, data: new Map() }, { folder }, 'PIPELINE_UNWRITABLE', /contains a Map at `data`/);
    await wrong(TINY, { folder: 7 }, 'RUN_OPTION_INVALID', /Expected a text for `folder`, found 7/);
    await wrong(TINY, null, 'RUN_OPTION_INVALID', /Expected an object for the options, found null/);
    await wrong(
      undefined,
      { folder },
      'PIPELINE_NO_SOURCE',
      /the path of a pipeline file or an object, found undefined/,
    );
    await wrong(['a.yaml'], { folder }, 'PIPELINE_NO_SOURCE', /found a list of 1/);
    await wrong({ ...TINY, data: () => 1 }, { folder }, 'PIPELINE_UNWRITABLE', /contains a function at `data`/);
    const cyclic: { [key: string]: unknown } = { ...TINY };
    cyclic['train'] = { of: cyclic };
    await wrong(cyclic, { folder }, 'PIPELINE_UNWRITABLE', /an object that contains itself at `train\.of`/);
  });

  it('gives options that are undefined their defaults', async () => {
    const { name } = await planPipeline(TINY, {
      folder,
      onEvent: undefined,
      set: undefined,
      fresh: undefined,
    } as object);
    assert.equal(name, 'tiny');
  });
});
