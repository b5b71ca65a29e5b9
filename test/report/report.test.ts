import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import puppeteer, { type Browser } from 'puppeteer-core';
import { renderReport, type BitAssignment, type RunRecord } from '../../packages/core/src/index.js';
import { accuracyPicture, monitorPicture, renderTable } from '../../packages/core/src/run.js';
import { bitsRuns, methodRuns } from './matrix-runs.js';
import { makeRun, quickstartRuns } from './quickstart-runs.js';

const TITLE = 'quickstart';

describe('renderReport', () => {
  it('makes a page without external references', async () => {
    const page = await renderReport(quickstartRuns(), { title: TITLE });
    const referred = [...page.matchAll(/(?:\b(?:src|href|srcset|action)\s*=\s*["']?|url\(\s*["']?)([^"'\s>)]+)/g)].map(
      ([, url]) => url,
    );
    assert.deepEqual(
      referred.filter((url) => !url?.startsWith('data:') && !url?.startsWith('#')),
      [],
    );
    assert.doesNotMatch(page, /<script|@import/);
  });

  it('escapes text from users', async () => {
    const hostile = '<img src=x onerror="alert(1)">&\'';
    const run: RunRecord = {
      ...makeRun({ wrap: 'ssql' }),
      folder: hostile,
      label: hostile,
      cell: { method: hostile },
      pipeline: `name: ${hostile}`,
      manifest: { [hostile]: hostile },
      timings: { [hostile]: 1 },
      evaluations: [{ stage: hostile, precision: hostile, classifier: 'matched', metric: hostile, value: 0.5 }],
      assignments: { [hostile]: mixed(hostile) },
      weights: [{ name: hostile, shape: [1, 1, 2, 2], values: new Float32Array([1, 2, 3, 4]) }],
    };
    const page = await renderReport([run], { title: hostile });
    assert.doesNotMatch(page, /<img/);
    // The word is harmless in text; it must not become an attribute.
    const tags = [...page.matchAll(/<[a-z](?:"[^"]*"|'[^']*'|[^"'>])*>/g)].map(([tag]) =>
      tag.replaceAll(/"[^"]*"|'[^']*'/g, ''),
    );
    assert.deepEqual(
      tags.filter((tag) => tag.includes('onerror')),
      [],
    );
  });

  it('shows bit widths at mixed precisions, and no section without them', async () => {
    const runs = quickstartRuns().map((run) => ({ ...run, assignments: { 'mixed-w4a4': mixed('layer1.0.conv1') } }));
    const page = await renderReport(runs, { title: TITLE });
    assert.match(page, /mixed-w4a4: bits of weights \/ activations/);
    assert.match(page, /layer1\.0\.conv1<\/th>\s*<td>5 \/ 3<\/td>/);
    assert.match(page, /<td>97\.5\u00a0% of the uniform precision/);
    assert.doesNotMatch(await renderReport(quickstartRuns(), { title: TITLE }), /Bit widths per layer/);
  });

  it('has a headline about the lowest precision', async () => {
    assert.equal(
      headline(await renderReport(withoutW2a3(quickstartRuns()), { title: TITLE })),
      'At w2a4, SSQL-SimSiam reaches 95.0 % and SimSiam 85.5 % (one seed: no interval)',
    );
  });

  it('reports results in which ssql is worse', async () => {
    const runs = [
      makeRun({ wrap: 'none', accuracies: { float: 0.97, w2a4: 0.86 } }),
      makeRun({ wrap: 'ssql', accuracies: { float: 0.96, w2a4: 0.8 } }),
    ];
    const page = await renderReport(runs, { title: TITLE });
    assert.equal(headline(page), 'At w2a4, SSQL-SimSiam reaches 80.0 % and SimSiam 86.0 % (one seed: no interval)');
    assert.match(page, /<td>−6\.00<\/td>/);
  });

  it('averages over seeds', async () => {
    const runs = [0.8, 0.84, 0.82].map((value, seed) => makeRun({ wrap: 'none', seed, accuracies: { w2a4: value } }));
    const page = await renderReport(runs, { title: TITLE });
    assert.equal(headline(page), 'At w2a4, SimSiam reaches 82.0 %');
    assert.match(page, /82\.0 ±2\.0/);
  });

  it('draws the results of a monitor over epochs', async () => {
    const look = (epochs: number, value: number) => ({
      step: 40 * epochs,
      epochs,
      evaluations: [
        { stage: 'knn', precision: 'w4a4', classifier: 'matched', metric: 'accuracy', value },
        { stage: 'knn', precision: 'w2a4', classifier: 'matched', metric: 'accuracy', value: NaN },
        { stage: 'decomposition', precision: 'w4a4', classifier: 'float', metric: 'cross term', value: -value / 1000 },
      ] as const,
    });
    const run = (seed: number, offset: number): RunRecord => ({
      ...makeRun({ wrap: 'ssql', seed }),
      monitored: [look(5, 60 + offset), look(10, 70 + offset)],
    });
    const page = await renderReport([run(0, 0), run(1, 2)], { title: TITLE });
    const section = /<section aria-label="Monitor">[^]*?<\/section>/.exec(page)?.[0] ?? '';
    assert.deepEqual(
      [...section.matchAll(/<h3>(.*?)<\/h3>/g)].map(([, title]) => title),
      ['knn: accuracy in %', 'decomposition: cross term'],
    );
    assert.match(section, /aria-label="Line chart over epochs\. SSQL-SimSiam: from 61.0 to 71.0\."/);
    assert.match(section, /aria-label="Line chart over epochs\. SSQL-SimSiam: from -0.0610 to -0.0710\."/);
    assert.equal([...section.matchAll(/class="marks"/g)].length, 2);
    assert.doesNotMatch(await renderReport(quickstartRuns(), { title: TITLE }), /aria-label="Monitor"/);
  });

  it('shows weights in their own units and in standard deviations', async () => {
    const weights = (scale: number): RunRecord['weights'] => [
      { name: 'conv1.weight', shape: [1, 1, 2, 2], values: Float32Array.of(-3, -1, 1, 1).map((w) => scale * w) },
    ];
    const runs = (['none', 'ssql'] as const).map((wrap) => ({
      ...makeRun({ wrap }),
      weights: weights(wrap === 'ssql' ? 0.02 : 0.08),
    }));
    const page = await renderReport(runs, { title: TITLE });
    const section = /<section aria-label="Weights">[^]*?<\/section>/.exec(page)?.[0] ?? '';
    const [absolute, relative] = section.split(/<figure[^>]*>/).slice(1);
    const row = (figure = ''): readonly (string | undefined)[] =>
      [...(/<th scope="row">conv1<\/th>[^]*?<\/tr>/.exec(figure)?.[0] ?? '').matchAll(/<td[^]*?<\/td>/g)].map(
        ([cell]) => cell.replaceAll(/<[^>]*>/g, '').trim(),
      );
    assert.deepEqual(row(absolute), ['0.240', '0.060', '−0.180']);
    // The deviation of -3, -1, 1, 1 is the root of 2.75.
    assert.deepEqual(row(relative), ['1.8', '1.8', '0.0']);
    assert.match(section, /Largest weight, median over layers: SimSiam 0\.240, SSQL-SimSiam 0\.060\./);
  });

  it('shows standard errors of results over batches', async () => {
    const term = (value: number, standardError: number) =>
      ({
        stage: 'decomposition',
        precision: 'w2a4',
        classifier: 'float',
        metric: 'cross term',
        value,
        standardError,
      }) as const;
    const runs = [
      { ...makeRun({ wrap: 'ssql', seed: 1 }), evaluations: [term(-0.03, 0.003)] },
      { ...makeRun({ wrap: 'ssql', seed: 2 }), evaluations: [term(-0.02, 0.004)] },
    ];
    const page = await renderReport(runs, { title: TITLE });
    assert.match(page, /<th scope="row">decomposition w2a4: cross term<\/th>\s*<td>−0\.0250 ± 0\.00250<\/td>/);
    assert.doesNotMatch(await renderReport(quickstartRuns(), { title: TITLE }), /standard errors/);
  });

  it('shows the pictures that stages drew as images, of the first seed', async () => {
    const picture = {
      name: 'confusion.svg',
      svg: '<svg xmlns="http://www.w3.org/2000/svg"><title>Rows and columns</title><script>alert(1)</script></svg>',
    };
    const runs = quickstartRuns([1, 2]).map((run) => ({ ...run, pictures: [picture] }));
    const page = await renderReport(runs, { title: TITLE });
    const section = /<section aria-label="Pictures">[^]*?<\/section>/.exec(page)?.[0] ?? '';
    assert.deepEqual(
      [...section.matchAll(/<img src="([^"]*)" alt="([^"]*)"/g)].map(([, source, name]) => [
        Buffer.from(source!.replace('data:image/svg+xml;base64,', ''), 'base64').toString(),
        name,
      ]),
      [
        [picture.svg, 'confusion of SimSiam seed 1'],
        [picture.svg, 'confusion of SSQL-SimSiam seed 1'],
      ],
    );
    assert.match(section, /<h3>confusion<\/h3>\s*<p>Rows and columns\.<\/p>/);
    assert.doesNotMatch(page, /<script/);
    assert.doesNotMatch(await renderReport(quickstartRuns(), { title: TITLE }), /aria-label="Pictures"/);
  });

  it('renders runs without results', async () => {
    const bare: RunRecord = {
      ...makeRun({ wrap: 'none' }),
      metrics: [],
      evaluations: [],
      weights: [],
      manifest: {},
      timings: {},
    };
    assert.equal(headline(await renderReport([bare], { title: TITLE })), 'Nothing was evaluated');
    assert.equal(headline(await renderReport([], { title: TITLE })), 'Nothing was evaluated');
    const flat: RunRecord = {
      ...bare,
      weights: [
        { name: 'conv1.weight', shape: [1, 1, 2, 2], values: new Float32Array(4) },
        { name: 'conv2.weight', shape: [0, 1, 1, 1], values: new Float32Array(0) },
      ],
    };
    assert.doesNotMatch(await renderReport([flat], { title: TITLE }), /NaN/);
  });
});

describe('accuracyPicture', () => {
  it('stands alone: a legend, the values, and no custom property of a page', async () => {
    const svg = await accuracyPicture(quickstartRuns([1, 2, 3]));
    assert.ok(svg !== undefined && svg.startsWith('<svg'));
    assert.doesNotMatch(svg, /var\(--|inherit/);
    for (const text of ['SSQL-SimSiam', 'SimSiam', 'w2a4', 'float']) assert.ok(svg.includes(`>${text}</text>`), text);
    assert.equal(svg, await accuracyPicture(quickstartRuns([1, 2, 3])));
  });

  it('escapes labels, and is nothing where nothing was evaluated', async () => {
    const [run] = quickstartRuns();
    assert.ok(run);
    const svg = await accuracyPicture([{ ...run, group: '<script>' }]);
    assert.doesNotMatch(svg ?? '', /<script>/);
    assert.equal(await accuracyPicture([{ ...run, evaluations: [] }]), undefined);
  });
});

describe('monitorPicture', () => {
  it('stands alone: a curve for each group at each precision', async () => {
    const look = (epochs: number, value: number): RunRecord['monitored'][number] => ({
      step: 40 * epochs,
      epochs,
      evaluations: (['float', 'w2a4'] as const).map((precision) => {
        return { stage: 'knn', precision, classifier: 'matched', metric: 'accuracy', value };
      }),
    });
    const runs = (['none', 'ssql'] as const).map((wrap) => ({
      ...makeRun({ wrap }),
      monitored: [look(1, 40), look(2, 50)],
    }));
    const svg = await monitorPicture(runs);
    assert.ok(svg !== undefined && svg.startsWith('<svg'));
    assert.doesNotMatch(svg, /var\(--|inherit/);
    for (const text of ['SSQL-SimSiam', 'SimSiam', 'w2a4', 'float', 'epoch', 'accuracy in %'])
      assert.ok(svg.includes(`>${text}</text>`), text);
    assert.match(svg, /<title>knn: accuracy in % over epochs</);
    assert.equal(await monitorPicture(quickstartRuns()), undefined);
  });
});

describe('renderTable', () => {
  it('has a row per run and a column per precision', () => {
    const runs = [
      makeRun({ wrap: 'none', accuracies: { float: 0.97, w2a4: 0.86 } }),
      makeRun({ wrap: 'ssql', accuracies: { float: 0.96, w2a4: 0.9 } }),
    ];
    const matched = runs.map((run) => ({
      ...run,
      evaluations: run.evaluations.filter(
        ({ stage, classifier }) => stage === 'linear-probe' && classifier === 'matched',
      ),
    }));
    assert.equal(
      renderTable(matched),
      [
        'stage         classifier  run           float  w2a4',
        'linear-probe  matched     SimSiam        97.0  86.0',
        'linear-probe  matched     SSQL-SimSiam   96.0  90.0',
        'accuracy in %',
        '',
        'stage         classifier  difference              float   w2a4',
        'linear-probe  matched     SSQL-SimSiam - SimSiam  -1.00  +4.00',
        'one seed: no interval',
        '',
      ].join('\n'),
    );
  });

  it('shows the mean and the deviation over seeds', () => {
    const table = renderTable(
      [0.8, 0.82, 0.84].map((value, seed) => makeRun({ wrap: 'none', seed, accuracies: { w2a4: value } })),
    );
    assert.match(table, /\bSimSiam +82\.0 ±2\.0/);
    assert.match(table, /3 seeds/);
  });
});

const executable = findChromium();

// Mocha prints no reason for a skipped test, so the suite's title gives it.
describe(`the report in a browser${executable === undefined ? ' (skipped: no Chromium; install one or set SSQL_CHROMIUM)' : ''}`, () => {
  let browser: Browser;
  let folder: string;

  before(async function () {
    if (executable === undefined) this.skip();
    folder = await mkdtemp(join(tmpdir(), 'ssql-report-'));
    browser = await puppeteer.launch({ executablePath: executable, args: ['--no-sandbox'] });
  });

  after(async () => {
    await browser?.close();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  for (const [name, runs, figures, comparisons] of [
    ['one run', quickstartRuns().slice(0, 1), 9, 0],
    ['two runs', quickstartRuns(), 13, 1],
    ['methods, wrappers and seeds', methodRuns(), 13, 4],
    ['bits and seeds', bitsRuns(), 13, 2],
  ] as const) {
    it(`${name}: fits into 1280 and 400 pixels without warnings or requests`, async () => {
      const file = join(folder, 'report.html');
      const url = pathToFileURL(file).href;
      await writeFile(file, await renderReport(runs, { title: TITLE }));
      for (const width of [1280, 400]) {
        const page = await browser.newPage();
        const problems: string[] = [];
        const requests: string[] = [];
        page.on('console', (message) => problems.push(message.text()));
        page.on('pageerror', (error) => problems.push(String(error)));
        page.on('request', (request) => requests.push(request.url()));
        await page.setViewport({ width, height: 900 });
        await page.goto(url, { waitUntil: 'networkidle0' });
        const seen = await page.evaluate(LOOK);
        for (const value of ['light', 'dark']) {
          await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }]);
          assert.deepEqual((await page.evaluate(LOOK)).faint, [], `${width} pixels, ${value}`);
        }
        await screenshot(page, `${name} ${width}`);
        await page.close();

        assert.deepEqual(problems, []);
        assert.deepEqual(
          requests.filter((request) => request !== url && !request.startsWith('data:')),
          [],
        );
        assert.equal(seen.figures, figures);
        assert.deepEqual(seen.empty, []);
        assert.deepEqual(seen.overflowing, [], `${width} pixels`);
        assert.deepEqual(seen.overlapping, [], `${width} pixels`);
        // Of each comparison, in three tables of results at seven precisions.
        assert.equal(new Set(seen.differences).size, 3 * 7 * comparisons, `${width} pixels`);
        assert.ok(seen.pageWidth <= width, `the page is ${seen.pageWidth} pixels wide`);
      }
    });
  }

  it('downloads a figure and a table', async () => {
    const file = join(folder, 'report.html');
    await writeFile(file, await renderReport(quickstartRuns(), { title: TITLE }));
    const page = await browser.newPage();
    const session = await page.createCDPSession();
    await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder, eventsEnabled: true });
    await page.goto(pathToFileURL(file).href);
    for (const ending of ['svg', 'csv']) {
      const done = new Promise((resolve) => {
        session.on('Browser.downloadProgress', ({ state }) => state === 'completed' && resolve(undefined));
      });
      await page.click(`a[download$=".${ending}"]`);
      await done;
    }
    await page.close();
    const names = await readdir(folder);
    assert.ok(names.some((name) => name.endsWith('.svg')) && names.some((name) => name.endsWith('.csv')), names.join());
  });
});

interface Seen {
  readonly figures: number;
  readonly empty: readonly string[];
  readonly overflowing: readonly string[];
  /** Texts of a chart that cover each other. */
  readonly overlapping: readonly string[];
  /** Texts that stand out too little from what is behind them: WCAG 2.1, 1.4.3. */
  readonly faint: readonly string[];
  /** Differences of which a mark is in sight. */
  readonly differences: readonly string[];
  readonly pageWidth: number;
}

/** Runs in the page, as text, because tsx's output uses names that the page lacks. A wide table scrolls in its box. */
const LOOK = `(() => {
  const box = (element) => element.getBoundingClientRect();
  const figures = [...document.querySelectorAll('figure')];
  const title = (figure) => figure.querySelector('h3').textContent;
  const visible = (figure) => [...figure.querySelectorAll('.chart svg')].find((svg) => box(svg).width > 0);
  const drawn = [...document.querySelectorAll('.chart svg')].filter((svg) => box(svg).width > 0);
  const overlap = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
  const upright = (svg) => [...svg.querySelectorAll('text')].filter((text) => box(text).width > 0 && !/rotate\\((?!0\\))/.test(text.getAttribute('transform')));
  const inside = (a, b) => box(a).left >= box(b).left - 1 && box(a).right <= box(b).right + 1 && box(a).right <= innerWidth;
  const light = (colour) => { const [r, g, b] = colour.match(/[\\d.]+/g).map((value) => value / 255).map((value) => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (element) => { const colour = element ? getComputedStyle(element).backgroundColor : 'rgb(255, 255, 255)'; return /, 0\\)$/.test(colour) ? behind(element.parentElement) : colour; };
  const contrast = (element) => { const [low, high] = [light(getComputedStyle(element)[element instanceof SVGElement ? 'fill' : 'color']), light(behind(element))].sort((a, b) => a - b); return (high + 0.05) / (low + 0.05); };
  const says = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
  const written = [...document.body.querySelectorAll('*')].filter((element) => !/^(style|title|desc)$/i.test(element.tagName) && says(element) && box(element).width > 0);
  const texts = [...document.querySelectorAll('h1, h2, h3, h4, p, li, summary, caption span, text')];
  return {
    figures: figures.length,
    empty: figures.filter((figure) => !visible(figure) || box(visible(figure)).height < 50 || !visible(figure).querySelector('path[stroke], line[stroke]')).map(title),
    overflowing: texts.filter((text) => box(text).width > 0 && (box(text).right > innerWidth || box(text).left < 0)).map((text) => text.textContent)
      .concat(figures.flatMap((figure) => { const svg = visible(figure); return svg ? [...svg.querySelectorAll('text')].filter((text) =>
        box(text).left < box(svg).left - 1 || box(text).right > box(svg).right + 1 || box(text).top < box(svg).top - 1 || box(text).bottom > box(svg).bottom + 1)
        .map((text) => title(figure) + ': ' + text.textContent) : []; })),
    overlapping: drawn.flatMap((svg) => upright(svg).flatMap((text, index, all) => all.slice(0, index)
      .filter((other) => overlap(box(text), box(other))).map((other) => title(svg.closest('figure')) + ': ' + text.textContent + ', ' + other.textContent))),
    faint: [...new Set(written.filter((element) => contrast(element) < 4.5).map((element) => contrast(element).toFixed(1) + ' ' + element.textContent.trim().slice(0, 60)))],
    differences: drawn.filter((svg) => /: differences/.test(title(svg.closest('figure')))).flatMap((svg) => [...svg.querySelectorAll('title')]
      .filter((name) => / − /.test(name.textContent) && inside(name.parentElement, svg)).map((name) => title(svg.closest('figure')) + ' ' + name.textContent)),
    pageWidth: document.documentElement.scrollWidth,
  };
})()` as unknown as () => Seen;

/** Saves screenshots if SSQL_SCREENSHOTS names a folder. */
async function screenshot(page: Awaited<ReturnType<Browser['newPage']>>, name: string): Promise<void> {
  const target = process.env['SSQL_SCREENSHOTS'];
  if (target === undefined) return;
  for (const scheme of ['light', 'dark']) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await page.screenshot({ path: join(target, `${name} ${scheme}.png`), fullPage: true });
  }
}

function findChromium(): string | undefined {
  const named = process.env['SSQL_CHROMIUM'];
  if (named !== undefined) return named;
  try {
    return execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim();
  } catch {
    // `which` fails if there is none.
    return undefined;
  }
}

function headline(page: string): string | undefined {
  return /<h1>(.*?)<\/h1>/.exec(page)?.[1]?.replaceAll('\u00a0', ' ');
}

function withoutW2a3(runs: readonly RunRecord[]): readonly RunRecord[] {
  return runs.map((run) => ({ ...run, evaluations: run.evaluations.filter(({ precision }) => precision !== 'w2a3') }));
}

/** Bits of a site with both a weight and an output. */
function mixed(site: string): BitAssignment {
  return {
    budget: 'bops',
    uniform: { bops: 200, bytes: 40 },
    mixed: { bops: 195, bytes: 50 },
    sites: [
      { operand: 'weights', site, bits: 5, sensitivity: { 4: 0.2, 5: 0.1 } },
      { operand: 'activations', site, bits: 3, sensitivity: { 3: 0.3, 4: 0.2 } },
    ],
  };
}
