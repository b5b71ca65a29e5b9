import { definePlugin, permutation, type Random } from '@ssql/core';
import { augmentationImpossible } from './augmentation-impossible.js';
import { mix } from './mix.js';
import { parameter } from './per-sample.js';
import { fromPlanes, toPlanes } from './planes.js';
import { turnHue } from './turn-hue.js';

/**
 * Changes brightness, contrast, saturation and hue in a random order: torchvision's ColorJitter. The first three have one form,
 * a x + b gray(x) + c mean(gray(x)), clamped. The batch runs all three, then hue, then all three again; for each sample, a change is the
 * identity either before or after hue. So hue, the costly change, runs once.
 */
export const colorJitter = definePlugin({
  kind: 'augmentation',
  name: 'color-jitter',
  summary: 'Changes brightness, contrast, saturation and hue of an RGB image in random order.',
  paper:
    'Chen et al., A Simple Framework for Contrastive Learning, 2020, appendix A; as torchvision.transforms.ColorJitter.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      brightness: {
        type: 'number',
        minimum: 0,
        default: 0.4,
        description: 'The factor is drawn from 1 - brightness to 1 + brightness, not below 0.',
      },
      contrast: {
        type: 'number',
        minimum: 0,
        default: 0.4,
        description: 'The factor is drawn from 1 - contrast to 1 + contrast, not below 0.',
      },
      saturation: {
        type: 'number',
        minimum: 0,
        default: 0.4,
        description: 'The factor is drawn from 1 - saturation to 1 + saturation, not below 0.',
      },
      hue: {
        type: 'number',
        minimum: 0,
        maximum: 0.5,
        default: 0.1,
        description: 'The hue turns by -hue to hue; 1 is the full circle.',
      },
      p: { type: 'number', minimum: 0, maximum: 1, default: 0.8, description: 'Probability that an image is changed.' },
    },
  },
  create({ p, ...strengths }, { tf }) {
    const changes = (['brightness', 'contrast', 'saturation', 'hue'] as const).filter(
      (change) => strengths[change] > 0,
    );
    const linear = changes.filter((change) => change !== 'hue').length;
    const sides = strengths.hue > 0 ? 2 : 1;
    const unchanged = [...Array.from({ length: sides * linear }, () => [1, 0, 0]).flat(), 0];
    return {
      prepare(input) {
        if (input[2] !== 3) {
          throw augmentationImpossible(
            'color-jitter',
            `images with ${input[2]} channels`,
            '3 channels (brightness-contrast takes any number)',
          );
        }
        return {
          output: input,
          draws: unchanged.length,
          draw: (random) => (random.uniform() < p ? draw(random) : unchanged),
          describe: (drawn) => describeChanges(drawn, linear, strengths.hue > 0),
          apply(images, drawn) {
            let planes = toPlanes(tf, images);
            const turn = (): void => {
              planes = turnHue(tf, planes, parameter(tf, drawn, unchanged.length - 1));
            };
            for (let slot = 0; slot < sides * linear; slot++) {
              if (sides === 2 && slot === linear) turn();
              planes = mix(tf, planes, drawn, 3 * slot);
            }
            if (sides === 2 && linear === 0) turn();
            return fromPlanes(tf, planes, images.shape);
          },
        };
      },
    };

    /** (a, b, c) of each change before hue, of each change after hue, and the turn of hue. */
    function draw(random: Random): readonly number[] {
      const parameters = [...unchanged];
      const factors = changes.map((change) =>
        change === 'hue'
          ? random.between(-strengths.hue, strengths.hue)
          : random.between(Math.max(0, 1 - strengths[change]), 1 + strengths[change]),
      );
      let slot = 0;
      for (const index of permutation(changes.length, random)) {
        const change = changes[index]!;
        const factor = factors[index]!;
        if (change === 'hue') {
          parameters[parameters.length - 1] = factor;
          slot += linear;
          continue;
        }
        const rest = 1 - factor;
        parameters.splice(3 * slot, 3, factor, change === 'saturation' ? rest : 0, change === 'contrast' ? rest : 0);
        slot++;
      }
      return parameters;
    }
  },
});

/** The changes in the order in which they are applied: `contrast 1.2, hue -0.05`. */
function describeChanges(drawn: readonly number[], linear: number, turns: boolean): string {
  const hue = turns ? drawn.at(-1)! : 0;
  const slots = Array.from({ length: Math.floor(drawn.length / 3) }, (_, slot) => {
    const [factor = 1, gray, mean] = drawn.slice(3 * slot, 3 * slot + 3);
    const change = gray !== 0 ? 'saturation' : mean !== 0 ? 'contrast' : 'brightness';
    return factor === 1 ? [] : [`${change} ${factor.toFixed(2)}`];
  });
  const turn = hue === 0 ? [] : [[`hue ${hue.toFixed(2)}`]];
  return [...slots.slice(0, linear), ...turn, ...slots.slice(linear)].flat().join(', ') || 'no';
}
