import assert from 'node:assert/strict';
import { STYLE } from '../../packages/core/src/report/style.js';

type Vector = readonly [number, number, number];
type Matrix = readonly [Vector, Vector, Vector];

/** Linear RGB as people see it: Machado et al., A Physiologically-based Model for Simulation of Color Vision Deficiency, 2009, severity 1. */
const VISIONS: { readonly [name: string]: Matrix } = {
  'full colour vision': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

/** In OKLab, in which black and white are 1 apart. The palette before had colours 0.02 apart for readers with protanopia. */
const DISTANCE = 0.09;
/** WCAG 2.1, 1.4.11: of graphics. */
const CONTRAST = 3;

describe('the colours of the report', () => {
  const [light, dark] = [...STYLE.text.matchAll(/--paper: (#\w+);[^}]*/g)].map(([block]) => ({
    paper: /--paper: (#\w+)/.exec(block)![1]!,
    series: [...block.matchAll(/--series-\d: (#\w+)/g)].map(([, colour]) => colour!),
  }));
  for (const [scheme, palette] of Object.entries({ light, dark })) {
    for (const [vision, matrix] of Object.entries(VISIONS)) {
      it(`differ with ${vision} on a ${scheme} page`, () => {
        const { series } = palette!;
        assert.equal(series.length, 6);
        const seen = series.map((colour) => oklab(multiply(matrix, linear(colour))));
        for (const [index, colour] of series.entries())
          for (const other of series.slice(0, index).keys()) {
            const apart = Math.hypot(...seen[index]!.map((value, axis) => value - seen[other]![axis]!));
            assert.ok(apart > DISTANCE, `${colour} and ${series[other]} are ${apart.toFixed(3)} apart`);
          }
      });
    }

    it(`stand out from a ${scheme} page`, () => {
      for (const colour of palette!.series) {
        const [low, high] = [luminance(colour), luminance(palette!.paper)].toSorted((a, b) => a - b) as [
          number,
          number,
        ];
        assert.ok((high + 0.05) / (low + 0.05) >= CONTRAST, colour);
      }
    });
  }
});

function linear(colour: string): Vector {
  const channel = (start: number): number => {
    const value = parseInt(colour.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return colour.length === 4 ? linear(colour.replaceAll(/\w/g, '$&$&')) : [channel(1), channel(3), channel(5)];
}

function luminance(colour: string): number {
  const [red, green, blue] = linear(colour);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Ottosson, A perceptual color space for image processing, 2020. */
function oklab(rgb: Vector): Vector {
  const cones = multiply(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    rgb.map((value) => Math.min(1, Math.max(0, value))) as unknown as Vector,
  );
  return multiply(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones.map(Math.cbrt) as unknown as Vector,
  );
}

function multiply(matrix: Matrix, vector: Vector): Vector {
  return matrix.map((row) => row.reduce((sum, value, index) => sum + value * vector[index]!, 0)) as unknown as Vector;
}
