import { measureNumber, readGolden, type Measure } from '../golden/golden.js';
import { fnv1a, hash, recipeNamed, uniform, weightScale } from '../golden/recipe.js';
import type { ParityCase } from './parity-case.js';

interface Check {
  readonly name: string;
  readonly fnv1a: number;
  readonly entries: readonly ({ readonly i: number; readonly hash: number; readonly u: number } & Record<
    string,
    number
  >)[];
  readonly weight: { readonly name: string; readonly shape: number[] } & Record<string, unknown>;
}

/** The numbers that all inputs are made of, exactly. */
export function recipeCases(file: string): readonly ParityCase[] {
  const check = readGolden<Check>(file);
  return [
    {
      name: 'check values',
      async measure(): Promise<Measure[]> {
        const { values } = recipeNamed(check.name, [1 + Math.max(...check.entries.map(({ i }) => i))], { scale: 2 });
        const { name, shape, ...rest } = check.weight;
        const weight = recipeNamed(name, shape, { scale: weightScale(shape) });
        // The keys of the last fields say what they are in words.
        const first = Object.values(rest)[0] as number[];
        return [
          measureNumber(fnv1a(check.name), check.fnv1a, 0, 'seed'),
          ...check.entries.flatMap(({ i, hash: expected, u, ...rest }) => [
            measureNumber(hash(check.fnv1a, i), expected, 0, `hash ${i}`),
            measureNumber(uniform(check.fnv1a, i), u, 0, `u ${i}`),
            measureNumber(values[i]!, Math.fround(Object.values(rest)[0]!), 0, `value ${i}`),
          ]),
          ...first.map((value, i) => measureNumber(weight.values[i]!, Math.fround(value), 0, `weight ${i}`)),
        ];
      },
    },
  ];
}
