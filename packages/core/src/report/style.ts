import { trusted } from './html.js';

/**
 * The page's style. Colours are defined once, for light and dark; charts use the same names. The colours of series stay apart for readers
 * without red or green receptors: a test simulates both.
 */
export const STYLE = trusted(`
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1b1f24; --muted: #5b6470; --rule: #e3e6ea; --axis: #9aa3ad; --shade: #f5f6f8;
  --series-0: #7a828c; --series-1: #3a8beb; --series-2: #d07135; --series-3: #33642f; --series-4: #4e1c77; --series-5: #681118;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --ink: #e7eaee; --muted: #a2abb6; --rule: #2b3138; --axis: #6d7782; --shade: #1d2227;
    --series-0: #98a1ac; --series-1: #7fb4f3; --series-2: #db943e; --series-3: #7df8ae; --series-4: #a86ce5; --series-5: #ba6a6c;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 48px 32px 96px; max-width: 1184px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif;
  overflow-wrap: break-word; -webkit-text-size-adjust: 100%;
}
.name { margin: 0 0 8px; color: var(--muted); }
h1 { margin: 0; max-width: 26em; font-size: 34px; line-height: 1.2; font-weight: 650; letter-spacing: -0.01em; text-wrap: balance; }
h2 { margin: 64px 0 20px; padding-bottom: 8px; border-bottom: 1px solid var(--rule); font-size: 22px; line-height: 1.3; }
h3 { margin: 0; font-size: 16px; }
h4 { margin: 0 0 4px; font-size: 14px; font-weight: 600; }
small { color: var(--muted); font-size: 13px; font-weight: normal; }
.details { margin: 20px 0 0; padding: 0; max-width: 60em; list-style: none; }
.details li { margin: 4px 0; }
.legend { display: flex; flex-wrap: wrap; gap: 8px 24px; margin: 20px 0 0; padding: 0; list-style: none; font-weight: 600; }
.swatch { width: 14px; height: 14px; vertical-align: -1px; flex: none; }
.absent { color: var(--muted); }
.rows { display: grid; grid-template-columns: minmax(0, 1fr); gap: 56px; }
.rows:has(details) { gap: 8px; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(340px, 100%), 1fr)); gap: 16px 24px; }
.columns > figure { grid-row: span 3; grid-template-rows: subgrid; margin-bottom: 24px; }
figure { display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px 40px; margin: 0; align-content: start; break-inside: avoid; }
figcaption p { margin: 2px 0 0; max-width: 56em; color: var(--muted); }
.chart svg { display: block; max-width: 100%; height: auto; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(265px, 100%), 1fr)); gap: 16px 20px; }
@media (min-width: 1100px) { .panels { grid-template-columns: repeat(var(--across), minmax(0, 1fr)); } }
.downloads { display: flex; flex-wrap: wrap; gap: 0 12px; margin: 8px 0 0; color: var(--muted); font-size: 13px; }
.downloads a { color: inherit; text-underline-offset: 2px; }
.downloads a:hover { color: var(--ink); }
.wide { display: none; }
@media (min-width: 700px) { .wide { display: block; } .narrow { display: none; } }
@media (min-width: 1100px) {
  /* A table of many runs gets a separate row. */
  .rows > .single:not(:has(thead th:nth-child(6))) { grid-template-columns: 620px minmax(0, 1fr); }
  .rows figcaption { grid-column: 1 / -1; }
}
.table { max-width: 100%; overflow-x: auto; }
table { border-collapse: separate; border-spacing: 0; font-size: 14px; line-height: 1.4; font-variant-numeric: tabular-nums; }
figure table { width: 100%; }
.several table { width: auto; }
table + table { margin-top: 24px; }
caption { padding: 0 0 6px; color: var(--muted); text-align: left; font-size: 13px; }
/* What names a row or a table stays in sight while the table scrolls. */
caption span { display: inline-block; position: sticky; left: 0; max-width: calc(100vw - 64px); }
th:first-child { position: sticky; left: 0; background: var(--paper); }
th, td { padding: 6px 0 6px 16px; border-bottom: 1px solid var(--rule); text-align: right; vertical-align: baseline; }
th:first-child, td:first-child { padding-left: 0; text-align: left; }
thead th { color: var(--ink); font-weight: 600; vertical-align: bottom; white-space: nowrap; }
thead th.difference { color: var(--muted); white-space: normal; }
table:has(thead th:nth-child(6)) .difference { min-width: 9em; }
figure td { white-space: nowrap; }
tbody th { font-weight: normal; }
tfoot th, tfoot td { border-bottom: 0; }
tfoot tr:first-child > * { border-top: 1px solid var(--axis); }
.difference { color: var(--muted); }
.dense th, .dense td { padding-top: 2px; padding-bottom: 2px; }
.words td { text-align: left; overflow-wrap: anywhere; }
.words th { text-align: left; }
details { border: 1px solid var(--rule); border-radius: 6px; }
summary { padding: 8px 14px; cursor: pointer; font-weight: 600; overflow-wrap: anywhere; }
summary:focus-visible { outline: 2px solid var(--series-1); outline-offset: 2px; }
pre { margin: 0; padding: 14px; overflow-x: auto; border-top: 1px solid var(--rule); background: var(--shade); font: 13px/1.5 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
@media (max-width: 699px) {
  body { padding: 28px 20px 64px; }
  h1 { font-size: 26px; }
  h2 { margin-top: 44px; font-size: 20px; }
  th, td { padding-left: 10px; }
  .panels svg { width: 100%; max-width: 360px; }
  caption span { max-width: calc(100vw - 40px); }
}
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2, figcaption, summary { break-after: avoid; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  .table { overflow: visible; }
  .downloads { display: none; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`);
