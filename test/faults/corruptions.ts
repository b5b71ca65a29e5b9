import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { random } from '@ssql/core';
import { readRun, renderReport, renderTable, runPipeline } from '@ssql/core/run';
import { pick } from '../pipeline/mutate.js';
import { damage, restore } from './damage.js';
import { contentsOf, differences } from './differences.js';
import { printedBy } from './in-process.js';
import { tally, type Outcome } from './outcome.js';
import { ssql, writeTiny } from './tiny-run.js';
import { codesOf, untold } from './told.js';
import { watchdog } from './watchdog.js';

/** Operations at which the interrupted runs end: in training, after its first checkpoint, and within stages. */
const ENDS = { 'in training': 45, 'within stages': 105 };

/** Seconds that a case may compute. */
const LIMIT = 60;

/** What no command needs: logs of loggers and of clocks, the lock, checkpoints of trained runs. */
const UNREAD =
  /^(metrics(\.monitor)?\.csv|events\..*|lock|report\.html|speed\.ndjson|timings\.json|.*\.tmp|(last|previous)\.safetensors) /;

/** A run that was saved to be damaged, with its intact files and what commands print of it. */
interface Saved {
  readonly name: string;
  readonly folder: string;
  readonly files: readonly string[];
  readonly printed: string;
}

/**
 * Damages a file of a finished or interrupted run, and calls commands: `runs`, `diff`, the report, and `run --resume`. Each does what it
 * does with intact files, or fails with a code and a place; intact files stay.
 */
export async function corruptRuns(seed: number, cases: number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'ssql-corrupt-'));
  const result = tally('damaged run files');
  const dog = watchdog(LIMIT);
  try {
    writeTiny(folder);
    const states = await savedRuns(folder);
    const runs = join(folder, 'runs');
    const intact = join(folder, 'saved', 'finished');
    const expected = contentsOf(intact);
    for (let index = 0; index < cases; index++) {
      const source = random(seed, 'corrupt', index);
      const state = pick(source, states);
      restore(state.folder, runs);
      const file = pick(source, state.files);
      const how = damage(join(runs, file), source);
      const name = `case ${index} of seed ${seed}, ${state.name}: ${how}`;
      dog.watch(name);
      const before = contentsOf(runs);
      const notes: string[] = [];
      const unread = UNREAD.test(how);
      const wrong = (what: string): void => result.fault(`${name}: ${what}`);
      const silent = (command: string, what: string): void => {
        if (unread) result.count(`${command}: another log, clock or checkpoint that nothing reads`);
        else if (notes.some((note) => note.includes(basename(file)))) result.count(`${command}: a note names the file`);
        else wrong(`${command}, without an error: ${what}`);
      };
      const attempt = async (command: string, work: () => Promise<string | undefined>): Promise<void> => {
        try {
          const differs = await work();
          if (differs === undefined) result.count(`${command}: as with intact files`);
          else silent(command, differs);
        } catch (error) {
          const problem = untold(error);
          if (problem === undefined) codesOf(error).forEach((code) => result.code(code));
          else wrong(`${command}: ${problem}`);
          result.count(`${command}: refused with code and place`);
        }
      };
      const run = runIn(runs);
      await attempt('runs', async () => differing(state.printed, await listing(runs)));
      await attempt('diff', async () => {
        const printed = await printedBy('diff', run, runIn(state.folder));
        return printed.split('no differences').length === 3 ? undefined : printed;
      });
      await attempt('report', async () => {
        const record = await readRun(run);
        await renderReport([record], { title: 'damaged' });
        return differing(renderTable([await readRun(runIn(state.folder))]), renderTable([record]));
      });
      const reading = differences(before, contentsOf(runs));
      if (reading.length > 0) wrong(`commands that read change files: ${reading.join()}`);
      await attempt('run --resume', async () => {
        await resume(folder, (line) => void notes.push(line));
        const differ = differences(expected, contentsOf(runs)).filter(
          (text) => !UNREAD.test(`${text.split('/').at(-1)} `),
        );
        return differ.length === 0 ? undefined : differ.join();
      });
      const lost = [...before].filter(
        ([path, text]) => path !== file && ![text, expected.get(path)].includes(contentsOf(runs).get(path)),
      );
      const kept = lost.filter(([path]) => !isProgress(path, state));
      if (kept.length > 0) silent('run --resume', `intact files change: ${kept.map(([path]) => path).join()}`);
    }
    return result.outcome();
  } finally {
    await dog.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Files of an unfinished run grow while it resumes, up to where it fails. */
function isProgress(path: string, { name }: Saved): boolean {
  return name !== 'finished' || path.endsWith('manifest.json');
}

async function savedRuns(folder: string): Promise<readonly Saved[]> {
  const states: Saved[] = [];
  for (const [name, at] of [['finished', undefined], ...Object.entries(ENDS)] as const) {
    rmSync(join(folder, 'runs'), { recursive: true, force: true });
    await ssql(folder, { args: ['run', 'pipeline.yaml'], ...(at !== undefined && { stop: { at, when: 'after' } }) });
    const saved = join(folder, 'saved', name);
    restore(join(folder, 'runs'), saved);
    const entries = readdirSync(saved, { recursive: true, withFileTypes: true });
    const files = entries.flatMap((entry) =>
      entry.isFile() ? [join(entry.parentPath, entry.name).slice(saved.length + 1)] : [],
    );
    states.push({ name, folder: saved, files, printed: await listing(saved) });
  }
  return states;
}

/** The only run below a folder of runs. */
function runIn(runs: string): string {
  const folder = join(runs, 'tiny');
  return join(
    folder,
    readdirSync(folder, { withFileTypes: true }).find((entry) => entry.isDirectory() && entry.name.includes('-'))!.name,
  );
}

/** What `ssql runs` says of results and progress. */
async function listing(runs: string): Promise<string> {
  await printedBy('runs', runs);
  const list = JSON.parse(await printedBy('runs', runs, '--json')) as readonly { readonly [key: string]: unknown }[];
  return JSON.stringify(list.map(({ folder: _folder, seconds: _seconds, date: _date, ...rest }) => rest));
}

async function resume(folder: string, onNote: (line: string) => void): Promise<void> {
  await runPipeline(join(folder, 'pipeline.yaml'), {
    folder: join(folder, 'runs'),
    resume: true,
    onEvent: (event) => event.type === 'note' && onNote(event.text),
  });
}

function differing(expected: string, actual: string): string | undefined {
  return expected === actual ? undefined : `${actual.slice(0, 600)} instead of ${expected.slice(0, 600)}`;
}
