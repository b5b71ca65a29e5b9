import type { Pins } from '../../packages/core/src/quantization/pins.js';

/** What golden files say in words: `b/act1,b/act2 (4,6,8,8) scales 2.0, 2.6`, `shape (batch,3,32,32), scale 2`. */

/** The numbers after a word: one, or several with commas between. */
export function numbersAfter(word: string, text: string): readonly number[] {
  const [, numbers] = new RegExp(`\\b${word} (-?[\\d.]+(?:, ?-?[\\d.]+)*)`).exec(text) ?? [];
  if (numbers === undefined) throw new Error(`A golden file states no ${word}: ${text}`);
  return numbers.split(',').map(Number);
}

/** The first shape in parentheses; `batch` stands for a number that the file states elsewhere. */
export function shapeIn(text: string, batch?: number): readonly number[] {
  const [, shape] = /\(((?:\d+|batch)(?:,\d+)*)\)/.exec(text) ?? [];
  if (shape === undefined) throw new Error(`A golden file states no shape: ${text}`);
  return shape.split(',').map((length) => (length === 'batch' ? batch! : Number(length)));
}

/** Images in PyTorch's layout, as a file states them. */
export interface StatedImages {
  /** [batch, channels, height, width] */
  readonly shape: readonly [number, number, number, number];
  readonly scale: number;
}

export function imagesIn(text: string, batch: number): StatedImages {
  return { shape: shapeIn(text, batch) as StatedImages['shape'], scale: numbersAfter('scale', text)[0]! };
}

/** The official configuration of layers that have bits of their own; 0 is float. */
export type BitConfig = { readonly [layer: string]: { readonly w?: number; readonly a?: number } };

/** Such a configuration on our names. The linear head of an evaluation, `fc`, is no part of ours. */
export function pinsOf(config: BitConfig | null): Pins {
  const bits = (official: number) => (official === 0 ? 'float' : official);
  return Object.fromEntries(
    Object.entries(config ?? {})
      .filter(([layer]) => layer !== 'fc')
      .map(([layer, { w, a }]) => [
        layer.replace(/^fc\./, 'projector.').replace(/downsample$/, 'downsample.0'),
        { ...(w === undefined ? {} : { weights: bits(w) }), ...(a === undefined ? {} : { activations: bits(a) }) },
      ]),
  );
}
