import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { SsqlError } from '@ssql/core';
import { checkPage, checkPictureOf, writeOutput } from '../../packages/core/src/cli/output-file.js';
import { contactSheet, contactSheetPage } from '../../packages/core/src/report/contact-sheet.js';
import { SMALL, ssql, writePipeline } from './small-run.js';

const ENGINE = { use: 'cpu' };

describe('ssql preview', function () {
  this.timeout(120_000);
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'ssql-preview-'))));
  after(() => rmSync(folder, { recursive: true }));

  /** The images of the page, by row and column, and its text. */
  const preview = async (augment: readonly unknown[], ...args: string[]) => {
    const file = writePipeline(folder, { ...SMALL, engine: ENGINE, augment });
    const { status, stderr } = await ssql(folder, ['preview', file, ...args]);
    assert.equal(status, 0, stderr);
    const page = readFileSync(join(folder, 'preview.html'), 'utf8');
    const images = [...page.matchAll(/href="data:image\/png;base64,([^"]+)"/g)].map(([, png]) => png!);
    const texts = [...page.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text!);
    return { page, images, texts };
  };

  it('shows originals and views with their parameters, in one page and one picture, and trains nothing', async () => {
    const { page, images, texts } = await preview(
      [
        { use: 'horizontal-flip', with: { p: 1 } },
        { use: 'random-erasing', with: { p: 0 } },
        { use: 'normalize', with: { mean: [0.13], std: [0.31] } },
      ],
      '--images',
      '2',
    );
    assert.equal(images.length, 6);
    const [original, first] = await Promise.all(
      images.slice(0, 2).map((png) => sharp(Buffer.from(png, 'base64')).greyscale().raw().toBuffer()),
    );
    // The view is the original mirrored, in its colors although the pipeline normalizes.
    const side = Math.sqrt(original!.length);
    const mirrored = Uint8Array.from(original!, (_, at) => original![at - (at % side) + side - 1 - (at % side)]!);
    assert.deepEqual(Uint8Array.from(first!), mirrored);
    assert.equal(texts.filter((text) => text === 'horizontal-flip: yes').length, 4);
    assert.equal(texts.filter((text) => text === 'random-erasing: no').length, 4);
    assert.doesNotMatch(page, /<script|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
    const { format, width = 0 } = await sharp(join(folder, 'preview.png')).metadata();
    assert.equal(format, 'png');
    assert.ok(width >= 3 * side);
    assert.equal(existsSync(join(folder, 'runs')), false);
  });

  it('draws what training draws: another epoch has other images and other parameters', async () => {
    const erasing = [{ use: 'random-erasing', with: { p: 1 } }];
    const [first, later] = [
      await preview(erasing, '--images', '1'),
      await preview(erasing, '--images', '1', '--epoch', '1'),
    ];
    const [, one, two] = first.images;
    assert.notEqual(one, two);
    assert.ok(first.texts.some((text) => /^random-erasing: \d+x\d+ at \d+, \d+$/.test(text)));
    assert.notDeepEqual(later.images, first.images);
  });

  it('replaces what it wrote, and no picture without its page', async () => {
    const [page, picture] = [join(folder, 'mine.html'), join(folder, 'mine.png')];
    writeFileSync(picture, 'mine');
    await assert.rejects(checkPictureOf(page, picture), { code: 'WOULD_REPLACE' });
    writeFileSync(page, 'mine');
    await assert.rejects(checkPictureOf(page, picture), { code: 'WOULD_REPLACE' });
    await assert.rejects(checkPage(folder), { code: 'WOULD_REPLACE' });
    writeFileSync(page, '<!doctype html>');
    await checkPictureOf(page, picture);
    await assert.rejects(writeOutput(join(folder, 'nowhere', 'page.html'), ''), (error: SsqlError) => {
      assert.match(error.message, /its folder does not exist/);
      return /`--out`/.test(error.details.hint ?? '') && error.code === 'NOT_WRITABLE';
    });
  });

  it('escapes names of classes', async () => {
    const original = { shape: [1, 1, 3] as const, pixels: new Uint8Array(3), captions: [] };
    const svg = await contactSheet('title', [{ sample: 0, class: '<b>&"', original, views: [] }]);
    assert.ok(contactSheetPage('title', svg).includes('class &lt;b&gt;&amp;&quot;'));
  });
});
