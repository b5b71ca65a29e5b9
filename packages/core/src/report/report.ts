import type { RunRecord } from '../kinds/run-record.js';
import { bitTables } from './bit-tables.js';
import { accuracyFigure } from './figures/accuracy.js';
import { differenceFigure } from './figures/differences.js';
import { monitorFigures } from './figures/monitor.js';
import { paretoFigures } from './figures/pareto.js';
import { trainingFigures } from './figures/training.js';
import { weightFigures } from './figures/weights.js';
import { findings } from './finding.js';
import { groupBy } from './group-by.js';
import { html, type Markup } from './html.js';
import { pictureFigures } from './pictures.js';
import { manifestTable, timingTable } from './provenance.js';
import { resultPanels } from './result-panels.js';
import { groupRuns } from './group-runs.js';
import { panelsOf, type RunGroup } from './run-groups.js';
import { standardErrorTable } from './standard-errors.js';
import { STYLE } from './style.js';
import { swatch } from './swatch.js';

export interface ReportOptions {
  readonly title: string;
}

/** One self-contained HTML page about the runs of a pipeline: no scripts or requests; works from file:// and on paper. */
export async function renderReport(runs: readonly RunRecord[], { title }: ReportOptions): Promise<string> {
  const groups = groupRuns(runs);
  const panels = resultPanels(groups);
  const { headline, details } = findings(panels, groups);
  const figures = await Promise.all(
    panels.map(async (panel) => [...(await differenceFigure(panel, groups)), await accuracyFigure(panel)]),
  );
  const results = [...figures.flat(), ...standardErrorTable(groups)];
  const columns = panelsOf(groups).size > 1 ? 'rows' : 'columns';
  // Of the results that the headline is about, if they are accuracies.
  const main = panels.find(({ percent, classifier }) => percent && classifier === 'matched');
  const costs = main === undefined ? [] : await paretoFigures(main);
  const training = await trainingFigures(groups);
  const monitored = await monitorFigures(groups);
  const weights = await weightFigures(groups);
  const bits = bitTables(groups);
  const pictures = pictureFigures(groups);

  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        />
        <link rel="icon" href="data:," />
        <title>${title}</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <header>
          <p class="name">${title}</p>
          <h1>${headline}</h1>
          ${
            details.length > 0
              ? html`<ul class="details">
                  ${details.map((text) => html`<li>${text}</li>`)}
                </ul>`
              : undefined
          }
          ${groups.length > 0 ? legend(groups) : undefined}
        </header>
        <main>
          ${section('Results by precision', results, 'No evaluation was recorded. Add a stage that evaluates to the pipeline; `ssql list stage` lists them.')}
          ${costs.length > 0 ? section('Accuracy and cost', costs, '', columns) : undefined}
          ${section('Training', training, 'No training metrics were recorded.', columns)}
          ${monitored.length > 0 ? section('Monitor', monitored, '') : undefined}
          ${pictures.length > 0 ? section('Pictures', pictures, '') : undefined}
          ${section('Weights', weights, 'No convolution weights were recorded.')}
          ${bits.length > 0 ? section('Bit widths per layer', bits, '') : undefined}
          ${section('Time', timingTable(groups), 'No timings were recorded.')}
          ${section('Pipeline', runs.map(pipeline), 'No runs.')}
          ${section('Manifest', manifestTable(runs), 'No manifest was recorded.')}
        </main>
      </body>
    </html> `;
  return page.text;
}

function section(title: string, content: readonly Markup[], absent: string, layout?: string): Markup {
  return html`<section aria-label="${title}">
    <h2>${title}</h2>
    ${content.length > 0 ? html`<div class="${layout ?? 'rows'}">${content}</div>` : html`<p class="absent">${absent}</p>`}
  </section>`;
}

function legend(groups: readonly RunGroup[]): Markup {
  return html`<ul class="legend" aria-label="Runs">
    ${[...groupBy(groups, ({ variant }) => variant).values()].map((members) => {
      const [first] = members as [RunGroup]; // `groupBy` makes no empty group
      const seeds = Math.max(...members.map(({ runs }) => runs.length));
      return html`<li>
        ${swatch(first)} ${first.variant}${seeds > 1 ? html` <small>${seeds} seeds</small>` : undefined}
      </li>`;
    })}
  </ul>`;
}

function pipeline(run: RunRecord): Markup {
  return html`<details>
    <summary>${run.label || 'run'} <small>${run.folder}</small></summary>
    <pre><code>${run.pipeline}</code></pre>
  </details>`;
}
