import { stopGradient, type Branches, type Objective, type Tf, type WrappedMethod, type Wrapper } from '@ssql/core';
import { WrapperTester } from '@ssql/core/testing';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { testBreaks } from './breaks.js';
import { flawed } from './flawed.js';

const TARGETS = 'it asks for the targets once, and compares with nothing else';
const PRECISIONS = 'it uses the precisions that it asks for';
const FINITE = 'its loss and the parts are finite numbers';
const READS = 'it reads no values on the host';
/** The laws that make a step, which fails as a whole. */
const STEPS = WrapperTester.laws.filter((law) => law !== 'its precisions are a whole number or choices');
const COMPILED = 'compiled once for all precisions, it agrees with eager execution';

type AnyMethod = WrappedMethod;
type Parts = { readonly method: AnyMethod; readonly branches: Branches; readonly views: readonly Tensor4D[] };

/** SSQL, unless its objective is another. */
function wrapper(objective: (tf: Tf, parts: Parts) => Objective = ssql, precisions = 1) {
  return flawed('wrapper', ({ tf }): Wrapper => {
    const made = (method: AnyMethod, branches: Branches, views: readonly Tensor4D[]) =>
      objective(tf, { method, branches, views });
    return { precisions, objective: made as Wrapper['objective'] };
  });
}

function ssql(tf: Tf, { method, branches, views }: Parts): Objective {
  const online = method.online(branches.float, views);
  const quantizedOnline = method.online(branches.quantized(0), views);
  const targets = method.targets(online);
  const [float, quantized] = [method.loss(online, targets), method.loss(quantizedOnline, targets)];
  return { loss: tf.div(tf.add(float, quantized), 2), parts: { float, quantized }, online };
}

const changed = (change: (tf: Tf, objective: Objective) => Partial<Objective>) =>
  wrapper((tf, parts) => {
    const objective = ssql(tf, parts);
    return { ...objective, ...change(tf, objective) };
  });

describe('WrapperTester', () => {
  testBreaks(
    WrapperTester,
    [
      { title: 'passes a correct wrapper', plugin: wrapper(), breaks: [] },
      {
        title: 'detects a loss for each image',
        plugin: changed((tf, { loss }) => ({ loss: tf.reshape(loss, [1]) as unknown as Scalar })),
        breaks: [FINITE],
      },
      {
        title: 'detects a part that is not finite',
        plugin: changed((tf, { parts }) => ({ parts: { ...parts, ratio: tf.div(parts['float']!, 0) } })),
        breaks: [FINITE],
      },
      {
        title: 'detects a loss without a gradient',
        plugin: changed((_, { loss }) => ({ loss: stopGradient(loss) })),
        breaks: STEPS,
      },
      {
        title: 'detects targets for each branch',
        plugin: wrapper((tf, { method, branches, views }) => {
          const online = method.online(branches.float, views);
          const quantized = method.online(branches.quantized(0), views);
          const float = method.loss(online, method.targets(online));
          return { loss: tf.add(float, method.loss(quantized, method.targets(quantized))), parts: { float }, online };
        }),
        breaks: [TARGETS],
      },
      {
        title: 'detects outputs in the place of targets',
        plugin: wrapper((tf, { method, branches, views }) => {
          const online = method.online(branches.float, views);
          const quantized = method.online(branches.quantized(0), views);
          const float = method.loss(online, method.targets(online));
          return { loss: tf.add(float, method.loss(quantized, online)), parts: { float }, online };
        }),
        breaks: [TARGETS],
      },
      {
        title: 'detects that it returns quantized outputs',
        plugin: wrapper((tf, { method, branches, views }) => {
          const online = method.online(branches.float, views);
          const quantized = method.online(branches.quantized(0), views);
          const targets = method.targets(online);
          const loss = tf.add<Scalar>(method.loss(online, targets), method.loss(quantized, targets));
          return { loss, parts: {}, online: quantized };
        }),
        breaks: ['it returns the outputs of the float branch'],
      },
      {
        title: 'detects a precision that it asks for and does not use',
        plugin: wrapper(ssql, 2),
        breaks: [PRECISIONS],
      },
      {
        title: 'detects half a precision',
        plugin: wrapper(ssql, 1.5),
        breaks: WrapperTester.laws,
      },
      {
        title: 'detects a quantized pass before the float pass',
        plugin: wrapper((tf, { method, branches, views }) => {
          const tolerant: Branches = { ...branches };
          const quantized = method.online(tolerant.quantized(0), views);
          const online = method.online(branches.float, views);
          const targets = method.targets(online);
          const float = method.loss(online, targets);
          return { loss: tf.add(float, method.loss(quantized, targets)), parts: { float }, online };
        }),
        breaks: STEPS,
      },
      {
        title: 'detects a leaked tensor',
        plugin: changed((tf, { loss }) => (tf.keep(tf.clone(loss)), {})),
        breaks: ['it leaks no tensor'],
      },
      {
        title: 'detects a loss that is read on the host',
        plugin: changed((tf, { loss }) => ({ parts: { doubled: tf.scalar(2 * loss.dataSync()[0]!) } })),
        breaks: [READS, COMPILED],
      },
    ],
    { valid: [{ options: {} }], invalid: [] },
  );
});
