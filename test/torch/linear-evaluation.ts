/**
 * Compares the stage `linear-evaluation` with PyTorch on frozen weights: mean accuracies must agree within 0.3 points. Both draw their own random
 * numbers, so each has several seeds: PyTorch three, ours as many as there are run folders, all with the same weights. By hand:
 *
 *     ssql run pipelines/digits/linear-evaluation.yaml
 *     ssql run pipelines/digits/linear-evaluation.yaml --set name=seeds --set train.epochs=0 --set 'matrix.seed=[1, 2, 3]' \
 *       --set initial.weights=<absolute path of weights.safetensors> --set 'initial.ignore=[projector.*, predictor.*]'
 *     PEER_PYTHON=<python with torch> node --import tsx test/torch/linear-evaluation.ts runs/seeds/*
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { parsePrecision, type Evaluation, type Split } from '@ssql/core';
import { digits } from '@ssql/plugins';
import { make } from '../plugins/make-plugin.js';

const TOLERANCE = 0.3;
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

interface Reference {
  readonly use: string;
  readonly with: { readonly [option: string]: unknown };
}

/** The parts of a resolved pipeline that the script reads. */
interface Pipeline {
  readonly data: Reference;
  readonly augment: readonly Reference[];
  readonly backbone: Reference;
  readonly stages: readonly Reference[];
}

const runFolders = process.argv.slice(2).filter((folder) => existsSync(join(folder, 'evaluation.json')));
const [runFolder] = runFolders;
const python = process.env['PEER_PYTHON'];
if (runFolder === undefined || python === undefined)
  throw new Error('Write PEER_PYTHON=<python> and the folder of a run.');
const pipeline = parse(readFileSync(join(runFolder, 'pipeline.yaml'), 'utf8')) as Pipeline;
const stage = pipeline.stages.find(({ use }) => use === 'linear-evaluation')!.with;
const normalize = pipeline.augment.find(({ use }) => use === 'normalize')!.with;
const dataset = await make<'data'>(digits, pipeline.data.with, {});
const precisions = (stage['precisions'] as readonly string[]).map((text) => {
  const { weights, activations } = parsePrecision(text)!;
  return [
    text,
    [weights, activations].map((bits) => (bits === 'float' ? undefined : bits)).map((bits) => bits ?? null),
  ];
});

const folder = mkdtempSync(join(tmpdir(), 'ssql-linear-evaluation-'));
try {
  const write = async (name: string, split: Split): Promise<void> => {
    const indexes = Uint32Array.from({ length: split.size }, (_, index) => index);
    writeFileSync(join(folder, `${name}.images`), await split.read(indexes));
    writeFileSync(join(folder, `${name}.labels`), Uint8Array.from(split.labels!));
  };
  await write('train', dataset.train);
  await write('test', dataset.test);
  copyFileSync(join(runFolder, 'weights.safetensors'), join(folder, 'weights.safetensors'));
  const { epochs, batch, lr, momentum, milestones } = stage;
  const settings = {
    ...{ epochs, batch, lr, momentum, milestones, mean: normalize['mean'], std: normalize['std'], seeds: SEEDS },
    shape: dataset.shape,
    classes: dataset.classes.length,
    stemStride: pipeline.backbone.with['stemStride'],
    precisions: Object.fromEntries(precisions) as object,
  };
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings));
  const script = fileURLToPath(new URL('linear_evaluation.py', import.meta.url));
  const output = execFileSync(python, [script, folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  compare(JSON.parse(output) as readonly { readonly [precision: string]: number }[]);
} finally {
  rmSync(folder, { recursive: true });
}

function compare(theirs: readonly { readonly [precision: string]: number }[]): void {
  const ours = runFolders.flatMap(
    (folder) => JSON.parse(readFileSync(join(folder, 'evaluation.json'), 'utf8')) as readonly Evaluation[],
  );
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const shown = (values: readonly number[]): string =>
    `${mean(values).toFixed(2)} (${values.map((value) => value.toFixed(2)).join(', ')})`;
  for (const precision of stage['precisions'] as readonly string[]) {
    const [our, their] = [
      ours
        .filter((each) => each.stage === 'linear-evaluation' && each.precision === precision)
        .map(({ value }) => value),
      theirs.map((result) => result[precision]!),
    ];
    const difference = mean(our) - mean(their);
    const agrees = Math.abs(difference) <= TOLERANCE;
    if (!agrees) process.exitCode = 1;
    console.log(
      `${precision}: ours ${shown(our)}, PyTorch ${shown(their)}, difference ${difference.toFixed(2)}${agrees ? '' : ': FAILED'}`,
    );
  }
}
