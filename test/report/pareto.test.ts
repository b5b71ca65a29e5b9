import assert from 'node:assert/strict';
import { renderReport } from '../../packages/core/src/index.js';
import { quickstartRuns } from './quickstart-runs.js';

describe('accuracy against cost', () => {
  it('draws a line through the points that nothing cheaper reaches, and a table of costs', async () => {
    const page = await renderReport(quickstartRuns(), { title: 'quickstart' });
    const section = /<section aria-label="Accuracy and cost">[^]*?<\/section>/.exec(page)?.[0] ?? '';
    assert.deepEqual(
      [...section.matchAll(/<h3>(.*?)<\/h3>/g)].map(([, title]) => title),
      ['linear-probe: accuracy in % by bit operations', 'linear-probe: accuracy in % by size'],
    );
    // w2a8 costs as much as w4a4 and is worse; float is not better than w8a8.
    assert.match(
      section,
      /aria-label="[^"]*SimSiam, best for at most each cost: w2a3 72\.3 at 48M, w2a4 85\.5 at 64M, w3a3 92\.4 at 72M, w4a4 96\.1 at 128M, w8a8 97\.4 at 512M\./,
    );
    assert.match(section, /<title>SSQL-SimSiam, w2a4: 95\.0, 64M bit operations<\/title>/);
    assert.match(section, /<th scope="row">w2a4<\/th>\s*<td>64M<\/td><td>85\.5<\/td>/);
    assert.match(section, /<th scope="row">w2a4<\/th>\s*<td>45K<\/td>/);
  });

  it('is absent from runs without costs', async () => {
    const runs = quickstartRuns().map((run) => ({ ...run, costs: {} }));
    assert.doesNotMatch(await renderReport(runs, { title: 'quickstart' }), /Accuracy and cost/);
  });
});
