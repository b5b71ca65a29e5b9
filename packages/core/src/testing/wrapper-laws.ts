import assert from 'node:assert/strict';
import type { Precision } from '../quantization/precision.js';
import { assertCompiles, assertFinite, assertNothingLeaked, assertReadsNothing } from './assertions.js';
import { precisionChoices } from '../train/precision-choices.js';
import { assertTrained } from './probed-step.js';
import { wrapperInputs, wrapperStep, type Calls, type WrapperLaw, type WrapperSubject } from './wrapper-subject.js';

const W4A4: Precision = { weights: 4, activations: 4 };
const W8A8: Precision = { weights: 8, activations: 8 };

/** Laws of every wrapper. */
export const WRAPPER_LAWS: readonly WrapperLaw[] = Object.freeze<WrapperLaw[]>([
  {
    name: 'its precisions are a whole number or choices',
    check: ({ made }) => void precisionChoices(made),
  },
  {
    name: 'its loss and the parts are finite numbers',
    check(subject) {
      const step = wrapperStep(subject);
      for (const [name, output] of Object.entries(step.run(wrapperInputs(subject, step, W4A4)))) {
        if (name !== 'loss' && !name.startsWith('part.')) continue;
        assert.deepEqual(output.shape, [], `${name} has the shape [${output.shape.join()}]`);
        assertFinite(output.dataSync(), name);
      }
    },
  },
  {
    name: 'its loss depends on the whole encoder',
    check(subject) {
      const step = wrapperStep(subject);
      assertTrained(step.model, step.run(wrapperInputs(subject, step, W4A4)), 'at w4a4');
    },
  },
  {
    name: 'it asks for the targets once, and compares with nothing else',
    check(subject) {
      const { targets, losses } = callsOf(subject);
      assert.equal(targets.length, 1, `\`targets\` is called ${targets.length} times in a step`);
      assert.ok(losses.length > 0, 'the loss of the method is not called');
      assert.ok(
        losses.every((loss) => loss.targets === targets[0]!.made),
        'a loss compares with something that is not the targets of the method',
      );
    },
  },
  {
    name: 'it returns the outputs of the float branch',
    check(subject) {
      const { passes, returned } = callsOf(subject);
      const float = passes.filter(({ branch }) => branch === 'float').map(({ online }) => online);
      assert.ok(float.includes(returned[0]), '`online` is not what the method made of the float branch');
    },
  },
  {
    name: 'it uses the precisions that it asks for',
    check(subject) {
      const { passes } = callsOf(subject);
      const used = new Set(passes.map(({ branch }) => branch).filter((branch) => branch !== 'float'));
      const asked = Array.from(precisionChoices(subject.made), (_, index) => `quantized ${index}`);
      assert.deepEqual(
        [...used].sort(),
        asked.sort(),
        'the quantized branches that it uses, and those that it asks for',
      );
    },
  },
  {
    name: 'its float passes come first, because they calibrate',
    check(subject) {
      const { passes } = callsOf(subject);
      assert.equal(passes[0]?.branch, 'float', `the first pass is ${passes[0]?.branch}`);
    },
  },
  {
    name: 'it leaks no tensor',
    check(subject) {
      const step = wrapperStep(subject);
      const inputs = wrapperInputs(subject, step, W4A4);
      assertNothingLeaked(subject.engine, inputs, () => step.run(inputs));
    },
  },
  {
    name: 'it reads no values on the host',
    check(subject) {
      const step = wrapperStep(subject);
      const inputs = wrapperInputs(subject, step, W4A4);
      assertReadsNothing(subject.engine.tf, () => step.run(inputs));
    },
  },
  {
    name: 'compiled once for all precisions, it agrees with eager execution',
    engine: 'tensorflow',
    check(subject) {
      const step = wrapperStep(subject);
      const inputs = [W4A4, W8A8].map((precision) => wrapperInputs(subject, step, precision));
      assertCompiles(subject.engine, step.run, [inputs[0]!, inputs[1]!], 1e-5);
    },
  },
]);

/** What the wrapper calls in a step. */
function callsOf(subject: WrapperSubject): Calls {
  const step = wrapperStep(subject);
  step.run(wrapperInputs(subject, step, W4A4));
  return step.calls;
}
