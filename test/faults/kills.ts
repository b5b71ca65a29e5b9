import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { random, type Random } from '@ssql/core';
import { contentsOf, differences } from './differences.js';
import { tally, type Outcome } from './outcome.js';
import { ssql, writeTiny, type Command, type Stop } from './tiny-run.js';

const RUN = ['run', 'pipeline.yaml'];
const RESUME = [...RUN, '--resume'];
/** What is added to a finished run: a stage. */
const MORE = ['--set', 'stages.+={ use: decomposition, with: { precisions: [w4a4], batches: 1 } }'];

/** A chain of sessions, of which all but the last are killed. */
interface Kill {
  readonly name: string;
  /** Whether the run was finished before, without the stage that is added. */
  readonly finished: boolean;
  readonly sessions: readonly Pick<Command, 'stop' | 'killAfter'>[];
}

/**
 * Kills runs at every operation that changes a file, at moments, while they resume, and while a stage is added to a finished run. Each
 * resumes to its end, and must have the bytes of a run that was never killed.
 * @param most of kills; without it, all operations are covered
 */
export async function killRuns(seed: number, most = Infinity): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'ssql-kills-'));
  const result = tally('kills');
  try {
    writeTiny(folder);
    const runs = join(folder, 'runs');
    const measured = async (args: readonly string[]) => {
      const list = join(folder, 'operations');
      rmSync(list, { force: true });
      const began = performance.now();
      const { status, output } = await ssql(folder, { args, list });
      if (status !== 0) throw new Error(`The run that is not killed fails: ${output}`);
      const operations = readFileSync(list, 'utf8').trimEnd().split('\n');
      return { operations, milliseconds: performance.now() - began, contents: contentsOf(runs) };
    };
    const whole = await measured(RUN);
    const saved = join(folder, 'saved');
    cpSync(runs, saved, { recursive: true });
    const added = await measured([...RUN, ...MORE]);
    const source = random(seed, 'kills');
    const kills = chosen(planned(whole, added.operations.length, source), most, source);
    for (const { name, finished, sessions } of kills) {
      rmSync(runs, { recursive: true, force: true });
      if (finished) cpSync(saved, runs, { recursive: true });
      const more = finished ? MORE : [];
      let killed = 0;
      for (const session of sessions) {
        const { signal } = await ssql(folder, { args: [...(killed > 0 ? RESUME : RUN), ...more], ...session });
        if (signal === 'SIGKILL') killed += 1;
      }
      makeOld(join(runs, 'tiny'));
      const { status, output } = await ssql(folder, { args: [...RESUME, ...more] });
      const wrong = differences((finished ? added : whole).contents, contentsOf(existsSync(runs) ? runs : folder));
      if (status !== 0) result.fault(`${name}: the resumed run fails: ${output.slice(-500)}`);
      else if (wrong.length > 0) result.fault(`${name}: ${wrong.join(', ')}`);
      for (let i = 0; i < sessions.length; i++)
        result.count(killed > i ? name.replace(/ \d.*/, '') : 'ended before its kill');
    }
    return result.outcome();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As if a day had passed: unfinished pages beside the runs, which others may be writing, are removed after a minute. */
function makeOld(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.tmp'))) utimesSync(join(folder, name), 0, 0);
}

/** Operations that write bytes can end in the middle. */
const WRITES = /^(write|append)/i;

function planned(
  { operations, milliseconds }: { readonly operations: readonly string[]; readonly milliseconds: number },
  added: number,
  source: Random,
): Kill[] {
  const stopAt = (at: number): Stop => {
    const writes = WRITES.test(operations[at - 1] ?? '');
    return { at, when: writes ? 'within' : source.uniform() < 0.5 ? 'before' : 'after' };
  };
  const at = (count: number): Stop => stopAt(1 + source.integer(count));
  const text = ({ at, when }: Stop): string => `${at} (${when})`;
  const first = operations.map((operation, index): Kill => {
    const stop = stopAt(index + 1);
    return { name: `at operation ${text(stop)} ${operation}`, finished: false, sessions: [{ stop }] };
  });
  const times = Array.from({ length: 20 }, (_, index): Kill => {
    const killAfter = Math.round(((index + source.uniform()) / 20) * milliseconds);
    return { name: `after a time ${killAfter} ms`, finished: false, sessions: [{ killAfter }] };
  });
  const resumed = Array.from({ length: 15 }, (): Kill => {
    const stops = [at(operations.length), at(50), at(50)];
    return {
      name: `twice more while resuming ${stops.map(text).join(', ')}`,
      finished: false,
      sessions: stops.map((stop) => ({ stop })),
    };
  });
  const adding = Array.from({ length: 20 }, (): Kill => {
    const stop = { at: 1 + source.integer(added), when: source.uniform() < 0.5 ? 'before' : 'after' } as const;
    return { name: `while a stage is added ${text(stop)}`, finished: true, sessions: [{ stop }] };
  });
  return [...first, ...times, ...resumed, ...adding];
}

/** So many of the kills, spread over the list. */
function chosen(kills: readonly Kill[], most: number, source: Random): readonly Kill[] {
  if (kills.length <= most) return kills;
  const stride = kills.length / most;
  return Array.from({ length: most }, (_, index) => kills[Math.floor((index + source.uniform()) * stride)]!);
}
