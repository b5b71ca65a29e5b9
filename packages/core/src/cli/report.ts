import { Command } from 'commander';
import { examples } from './examples.js';
import { note } from './note.js';
import { checkPage, writeOutput } from './output-file.js';
import { runsOption } from './runs-option.js';

interface ReportFlags {
  readonly runs: string;
  readonly out: string;
  readonly title: string;
}

/** `ssql report <runs...>`: writes one report of runs of several pipelines and machines. */
export function reportCommand(): Command {
  const command = new Command('report')
    .description('Write a report of runs, also of several pipelines and machines.')
    .argument(
      '<runs...>',
      'runs: the folder of a run, of the runs of a pipeline or of many; a name of a pipeline; an id of a run, `pipeline/id`, or the last eight characters of an id',
    )
    .option('--out <file>', 'the page to write', 'report.html')
    .option('--title <text>', 'the title of the page', 'report')
    .addOption(runsOption('the folder of runs, for names and ids'))
    .action(async (wanted: readonly string[], { runs: folder, out, title }: ReportFlags) => {
      const [{ findWanted }, { readRun }, { readProgress }, { joinRuns }, { renderReport }] = await Promise.all([
        import('../artifact/find-runs.js'),
        import('../artifact/read-run.js'),
        import('../artifact/run-files.js'),
        import('../report/join-runs.js'),
        import('../report/report.js'),
      ]);
      await checkPage(out);
      const folders = await findWanted(wanted, folder);
      for (const run of folders)
        if (!(await readProgress(run)).run) note(`${run} is not finished: the report has what is there.`);
      const read = await Promise.all(folders.map((folder) => readRun(folder, note)));
      const runs = joinRuns(read);
      if (runs.length < read.length) note(`Copies of runs that were left out: ${read.length - runs.length}.`);
      await writeOutput(out, await renderReport(runs, { title }));
      process.stdout.write(`Runs: ${runs.length}\nReport: ${out}\n`);
    });
  return examples(
    command,
    'ssql report runs/quickstart',
    'ssql report first second --out both.html        all runs of two pipelines',
    'ssql report runs /mnt/other-machine/runs',
  );
}
