import assert from 'node:assert/strict';
import type { Precision } from '../quantization/precision.js';
import { assertCompiles, assertFinite, assertNothingLeaked, assertReadsNothing } from './assertions.js';
import { backboneDescription, backboneStep, imagesOf, namesOf, type BackboneLaw } from './backbone-subject.js';
import { assertTrained, BATCH } from './probed-step.js';

const W4A4: Precision = { weights: 4, activations: 4 };
const W8A8: Precision = { weights: 8, activations: 8 };
/** Parameters are named as in torchvision, sites by their layers. */
const PARAMETER = /^[a-z0-9_]+(\.[a-z0-9_]+)*\.(weight|bias)$/;
const SITE = /^[a-z0-9_]+(\.[a-z0-9_]+)*$/;

/** Laws of every backbone. */
export const BACKBONE_LAWS: readonly BackboneLaw[] = Object.freeze<BackboneLaw[]>([
  {
    name: 'its output is [N,C]',
    check(subject) {
      const { output } = backboneDescription(subject);
      assert.ok(output.length === 2 && output[0] === BATCH && output[1]! >= 1, `its output is [${output.join()}]`);
    },
  },
  {
    name: 'its description does not depend on the batch',
    check(subject) {
      const [small, large] = [2, 5].map((batch) => {
        const { parameters, statistics, weightSites, outputSites, output } = backboneDescription(subject, batch);
        return { parameters, statistics, weightSites, outputSites, width: output.slice(1) };
      });
      assert.deepEqual(small, large);
    },
  },
  {
    name: 'its layers and sites have unique names',
    check(subject) {
      const names = namesOf(subject);
      const { weightSites } = backboneDescription(subject);
      assert.ok(weightSites.length > 0, 'it has no weights to quantize');
      assert.ok(names.outputs.length > 0, 'it has no output site, so no activation is quantized');
      for (const list of [names.layers, names.outputs]) {
        const twice = list.find((name, index) => list.indexOf(name) !== index);
        assert.equal(twice, undefined, `the name ${twice} is used twice`);
      }
      for (const name of names.outputs) assert.match(name, SITE);
    },
  },
  {
    name: 'its parameters are named as in PyTorch',
    check: (subject) => backboneDescription(subject).parameters.forEach(({ name }) => assert.match(name, PARAMETER)),
  },
  {
    name: 'its features are finite and differ between images, float and quantized',
    check(subject) {
      const step = backboneStep(subject, 'quantized');
      const outputs = step.run(step.inputs([imagesOf(subject)], W4A4));
      for (const name of ['part.float', 'part.quantized']) assertFinite(outputs[name]!.dataSync(), `${name} at w4a4`);
      const spread = outputs['featureStd']!.dataSync()[0]!;
      assert.ok(spread > 1e-6, `features of different images spread by ${spread}`);
    },
  },
  {
    name: 'every parameter gets a gradient',
    check(subject) {
      const plain = backboneStep(subject, 'plain');
      const images = [imagesOf(subject)];
      assertTrained(plain.model, plain.run(plain.inputs(images)), 'in float');
      const quantized = backboneStep(subject, 'quantized');
      assertTrained(quantized.model, quantized.run(quantized.inputs(images, W4A4)), 'at w4a4');
    },
  },
  {
    name: 'it leaks no tensor',
    check(subject) {
      const step = backboneStep(subject, 'quantized');
      const inputs = step.inputs([imagesOf(subject)], W4A4);
      assertNothingLeaked(subject.engine, inputs, () => step.run(inputs));
    },
  },
  {
    name: 'it reads no values on the host',
    check(subject) {
      const step = backboneStep(subject, 'plain');
      const inputs = step.inputs([imagesOf(subject)]);
      assertReadsNothing(subject.engine.tf, () => step.run(inputs));
    },
  },
  {
    name: 'compiled, it agrees with eager execution',
    engine: 'tensorflow',
    check(subject) {
      const plain = backboneStep(subject, 'plain');
      const images = [imagesOf(subject)];
      assertCompiles(subject.engine, plain.run, [plain.inputs(images)], 1e-4);
      const step = backboneStep(subject, 'quantized');
      assertCompiles(subject.engine, step.run, [step.inputs(images, W4A4), step.inputs(images, W8A8)], 1e-4);
    },
  },
]);
