import type { Mutation, TestFile } from './mutation.js';

const WIDE = ['torch/wide-steps'];
const CONTRASTIVE = ['plugins/contrastive-losses'];
const CLUSTERING = ['plugins/clustering-losses'];
const OPTIMIZERS = ['plugins/optimizers'];
const SCHEDULES = ['plugins/cosine'];
const plugins = 'packages/plugins/src/';

/** Methods, wrappers, losses, optimizers, schedules, samplers. */
export const lossMutations: readonly Mutation[] = [
  {
    name: 'the targets of quantized predictions are quantized',
    file: `${plugins}wrapper/ssql.ts`,
    text: 'const quantized = method.loss(quantizedOnline, targets);',
    replacement: 'const quantized = method.loss(quantizedOnline, method.targets(quantizedOnline));',
    tests: WIDE,
  },
  {
    name: 'all targets are quantized',
    file: `${plugins}wrapper/ssql.ts`,
    text: 'const targets = method.targets(online);',
    replacement: 'const targets = method.targets(quantizedOnline);',
    tests: WIDE,
  },
  {
    name: 'SSQL adds its losses',
    file: `${plugins}wrapper/ssql.ts`,
    text: 'tf.div(tf.add(float, quantized), 2)',
    replacement: 'tf.add(float, quantized)',
    tests: WIDE,
  },
  {
    name: 'RSSQL learns through its quantized targets',
    file: `${plugins}wrapper/rssql.ts`,
    text: 'branches.quantizedTarget(0)',
    replacement: 'branches.quantized(0)',
    tests: ['plugins/ssql', golden('e_rssql_simsiam_micro_fresh')],
  },
  {
    name: 'qat compares with the float targets',
    file: `${plugins}wrapper/qat.ts`,
    text: 'method.targets(quantizedOnline)',
    replacement: 'method.targets(online)',
    tests: ['plugins/ssql'],
  },
  {
    name: 'qat trains the float branch',
    file: `${plugins}wrapper/qat.ts`,
    text: 'method.loss(quantizedOnline,',
    replacement: 'method.loss(online,',
    tests: ['plugins/ssql'],
  },
  {
    name: 'the sandwich divides by one loss too few',
    file: `${plugins}wrapper/sandwich.ts`,
    text: 'losses.length + 1)',
    replacement: 'losses.length)',
    tests: ['plugins/ssql'],
  },
  {
    name: 'SimSiam predicts features of the same view',
    file: `${plugins}method/simsiam.ts`,
    text: '[stopGradient(z2), stopGradient(z1)]',
    replacement: '[stopGradient(z1), stopGradient(z2)]',
    tests: WIDE,
  },
  {
    name: "gradient flows into SimSiam's targets",
    file: `${plugins}method/simsiam.ts`,
    text: '[stopGradient(z2), stopGradient(z1)]',
    replacement: '[z2, z1]',
    tests: WIDE,
  },
  {
    name: 'BYOL predicts the same view',
    file: `${plugins}method/byol.ts`,
    text: 'return [z2, z1];',
    replacement: 'return [z1, z2];',
    tests: [golden('e_byol_micro_kdiff')],
  },
  {
    name: "MoCo's queue drops the newest keys",
    file: `${plugins}method/moco.ts`,
    text: '[positives.shape[0], 0], [queue, dim]',
    replacement: '[0, 0], [queue, dim]',
    tests: [golden('e_moco_micro_kdiff')],
  },
  {
    name: "MoCo's momentum encoder keeps what it should take over",
    file: `${plugins}method/moco.ts`,
    text: 'momentum: () => momentum,',
    replacement: 'momentum: () => 1 - momentum,',
    tests: ['plugins/moco'],
  },
  {
    name: "MoCo's queue starts with keys of any length",
    file: `${plugins}method/moco.ts`,
    text: 'row.map((value) => value / norm)',
    replacement: 'row',
    tests: ['plugins/moco'],
  },
  {
    name: "MoCo's keys are not of unit length",
    file: `${plugins}method/moco.ts`,
    text: 'positives: unitLength(tf, encoder.encode(x2!)),',
    replacement: 'positives: encoder.encode(x2!),',
    tests: [golden('e_moco_micro_kdiff')],
  },
  {
    name: "InfoNCE's positive ignores the temperature",
    file: `${plugins}losses/info-nce.ts`,
    text: 'tf.div<Tensor1D>(tf.squeeze(positive, [1]), temperature)',
    replacement: 'tf.squeeze<Tensor1D>(positive, [1])',
    tests: CONTRASTIVE,
  },
  {
    name: 'NT-Xent compares features with themselves',
    file: `${plugins}losses/nt-xent.ts`,
    text: 'const FAR = 1e9;',
    replacement: 'const FAR = 0;',
    tests: CONTRASTIVE,
  },
  {
    name: 'cosines are not divided by lengths',
    file: `${plugins}losses/negative-cosine.ts`,
    text: 'tf.mul(unitLength(tf, p), unitLength(tf, z))',
    replacement: 'tf.mul(unitLength(tf, p), z)',
    tests: WIDE,
  },
  {
    name: 'a constant side counts half in the gradient',
    file: `${plugins}losses/both-sides.ts`,
    text: 'tf.sub(sum, tf.div(stopGradient(sum), 2))',
    replacement: 'tf.div(sum, 2)',
    tests: CONTRASTIVE,
  },
  {
    name: 'Barlow Twins weighs the diagonal by lambda',
    file: `${plugins}losses/redundancy-reduction.ts`,
    text: 'tf.add(tf.mul(identity, 1 - lambda), lambda)',
    replacement: 'tf.sub(1, tf.mul(identity, 1 - lambda))',
    tests: CONTRASTIVE,
  },
  {
    name: 'Sinkhorn shares no prototypes',
    file: `${plugins}losses/sinkhorn.ts`,
    text: 'codes = tf.div(codes, tf.sum(codes, 0, true));',
    replacement: '',
    tests: CLUSTERING,
  },
  {
    name: 'views predict their own codes',
    file: `${plugins}losses/swapped-prediction.ts`,
    text: 'from === of ? []',
    replacement: 'from !== of ? []',
    tests: CLUSTERING,
  },
  {
    name: "DINO's teacher is not centered",
    file: `${plugins}method/dino.ts`,
    text: "tf.div(tf.sub(view, memory['center']!), scalars['teacherTemperature']!)",
    replacement: "tf.div(view, scalars['teacherTemperature']!)",
    tests: ['torch/methods'],
  },
  {
    name: "DINO's center keeps 1 - its momentum",
    file: `${plugins}method/dino.ts`,
    text: 'tf.add(tf.mul(center!, options.centerMomentum), tf.mul(mean, 1 - options.centerMomentum))',
    replacement: 'tf.add(tf.mul(center!, 1 - options.centerMomentum), tf.mul(mean, options.centerMomentum))',
    tests: ['torch/methods'],
  },
  {
    name: 'SwAV freezes its prototypes one step longer',
    file: `${plugins}method/swav.ts`,
    text: 'step < freezeSteps',
    replacement: 'step <= freezeSteps',
    tests: CLUSTERING,
  },
  {
    name: 'SGD decays by the learning rate alone',
    file: `${plugins}optimizer/sgd.ts`,
    text: 'tf.add(gradient, tf.mul(value, weightDecay))',
    replacement: 'tf.add(gradient, tf.mul(tf.sign(value), weightDecay))',
    tests: ['train/reaches-the-step', 'plugins/sgd'],
  },
  {
    name: 'SGD steps against its velocity before the step',
    file: `${plugins}optimizer/sgd.ts`,
    text: 'value: tf.sub(value, tf.mul(direction, rate))',
    replacement: 'value: tf.sub(value, tf.mul(velocity ?? direction, rate))',
    tests: ['train/reaches-the-step', 'plugins/sgd'],
  },
  {
    name: 'SGD multiplies no rates of several globs',
    file: `${plugins}optimizer/sgd.ts`,
    text: 'matches(name) ? product * factor : product',
    replacement: 'matches(name) ? factor : product',
    tests: ['plugins/sgd'],
  },
  {
    name: 'AdamW counts steps from 0',
    file: `${plugins}optimizer/adamw.ts`,
    text: 'const t = tf.add(step, 1);',
    replacement: 'const t = tf.maximum(step, 1);',
    tests: OPTIMIZERS,
  },
  {
    name: 'AdamW adds epsilon under the root',
    file: `${plugins}optimizer/adamw.ts`,
    text: 'tf.add(tf.sqrt(tf.div(nextSquare, correction(beta2))), epsilon)',
    replacement: 'tf.sqrt(tf.add(tf.div(nextSquare, correction(beta2)), epsilon))',
    tests: OPTIMIZERS,
  },
  {
    name: 'LARS adapts vectors too',
    file: `${plugins}optimizer/lars.ts`,
    text: 'value.rank > 1 ?',
    replacement: 'value.rank > 0 ?',
    tests: OPTIMIZERS,
  },
  {
    name: 'each gradient is clipped by its own norm',
    file: `${plugins}optimizer/clip-norm.ts`,
    text: 'const norm = tf.sqrt(tf.addN(squares));',
    replacement: 'const norm = tf.sqrt(squares[0]!);',
    tests: OPTIMIZERS,
  },
  {
    name: 'the cosine ends above 0',
    file: `${plugins}schedule/cosine.ts`,
    text: 'now - warm)) / (end - warm)',
    replacement: 'now - warm)) / (end - warm + 1)',
    tests: SCHEDULES,
  },
  {
    name: 'the rate falls one epoch late',
    file: `${plugins}schedule/multi-step.ts`,
    text: 'change <= epoch',
    replacement: 'change < epoch',
    tests: SCHEDULES,
  },
  {
    name: 'shares of widths are ignored',
    file: `${plugins}sampler/weighted.ts`,
    text: '(left -= shareOf(width)) < 0',
    replacement: '(left -= sum(bits) / bits.length) < 0',
    tests: ['plugins/sampler'],
  },
  {
    name: 'weights and outputs draw one width',
    file: `${plugins}sampler/operands.ts`,
    text: 'if (!together || ',
    replacement: 'if (',
    tests: ['plugins/sampler > draws every pair'],
  },
];

/** The official steps of an algorithm, in plain JavaScript. */
function golden(file: string): TestFile {
  return `train/golden-steps > cases of golden ${file}`;
}
