import { LAYERS } from './scripts/layers.js';

/**
 * Imports of @ssql/core point from a layer to itself or to those before it; `layers.js` lists them. Type imports count: a layer that
 * knows the types of a later one depends on it.
 */
const source = 'packages/core/src';
const folderOf = (name) => `^${source}/${name}/`;
const files = (names) => `^${source}/(${names.join('|')})\\.ts$`;

const located = LAYERS.flatMap(({ folders = [], files: own = [] }) => [
  ...folders.map(folderOf),
  ...(own.length > 0 ? [files(own)] : []),
]);

const upward = LAYERS.map((layer, index) => {
  const from = pathsOf(layer);
  const allowed = LAYERS.slice(0, index).flatMap(pathsOf);
  return { layer, from, allowed };
});

function pathsOf({ folders = [], files: own = [] }) {
  return [...folders.map(folderOf), ...(own.length > 0 ? [files(own)] : [])];
}

export default {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Two files that import each other cannot be read one after the other.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'every-file-in-a-layer',
      comment: 'A file that no layer has may import anything: give it a place in scripts/layers.js.',
      severity: 'error',
      from: { path: `^${source}/`, pathNot: located },
      to: {},
    },
    ...upward.flatMap(({ layer, from, allowed }) =>
      from.map((path, position) => ({
        name: `layer-${layer.name.replaceAll(/[^a-z]+/g, '-')}${position === 0 ? '' : `-${position + 1}`}`,
        comment: `${layer.name}: ${layer.what}. It imports only layers before it.`,
        severity: 'error',
        from: { path },
        to: { path: `^${source}/`, pathNot: [path, ...allowed] },
      })),
    ),
    {
      name: 'inversify-in-container-only',
      comment: 'Only container/ knows inversify.',
      severity: 'error',
      from: { path: '^packages/', pathNot: folderOf('container') },
      to: { path: '(^|/)node_modules/inversify/' },
    },
    {
      name: 'plugins-see-the-public-surface',
      comment: 'Built-in plugins have no more power than those of third parties.',
      severity: 'error',
      from: { path: '^packages/plugins/src/' },
      to: { path: `^${source}/` },
    },
    {
      name: 'core-knows-no-plugins',
      severity: 'error',
      from: { path: `^${source}/` },
      to: { path: '^packages/plugins/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types'] },
  },
};
