import type { JsonSchema } from '../pipeline/pipeline-schema.js';

/** Keys of a pipeline that its matrix cannot vary. */
const FIXED = ['name', 'extends', 'plugins', 'matrix'];

/** Paths below the known ones: options of plugins, items of lists, names that the user chooses. */
const DEEPER = '\\.(use|with(\\..+)?)$|\\.\\d+(\\.|$)|^(labels|quantization\\.pins|evaluation\\.calibrations)\\.';

/**
 * The schema of a matrix for editors: the paths of a pipeline with lists of their values, so that editors complete and check both. A value
 * refers to the schema of its path.
 * @param properties the schemas of the other keys of a pipeline, as the editor has them
 */
export function matrixSchema(matrix: JsonSchema, properties: { readonly [name: string]: JsonSchema }): JsonSchema {
  const { include, exclude } = matrix['properties'] as { readonly [name: string]: JsonSchema };
  const paths = pathsIn(properties, [], '#/properties');
  const entry = { type: 'object', minProperties: 1, properties: Object.fromEntries(paths) };
  const axes = paths.map(([path, value]) => [path, { type: ['array', 'null'], minItems: 1, items: value }]);
  return {
    description: matrix['description'],
    type: ['object', 'null'],
    additionalProperties: false,
    properties: {
      ...Object.fromEntries(axes),
      include: { ...include, items: entry },
      exclude: { ...exclude, items: entry },
    },
    patternProperties: { [DEEPER]: { type: ['array', 'null'], minItems: 1 } },
  };
}

/** The dotted paths of all values, each with a reference to its schema. */
function pathsIn(
  properties: { readonly [name: string]: JsonSchema },
  above: readonly string[],
  pointer: string,
): readonly (readonly [path: string, reference: JsonSchema])[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    if (above.length === 0 && FIXED.includes(name)) return [];
    const path = [...above, name];
    const here = `${pointer}/${name}`;
    const inner = schema['properties'] as { readonly [name: string]: JsonSchema } | undefined;
    return [
      [path.join('.'), { $ref: here }] as const,
      ...(inner === undefined ? [] : pathsIn(inner, path, `${here}/properties`)),
    ];
  });
}
