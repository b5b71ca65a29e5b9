/**
 * The layers of packages/core/src, in the order in which they may import each other: a layer knows itself and those before it. Lint holds
 * the code to this list, and the picture in ARCHITECTURE.md is drawn from it. Folders of one layer do not know each other.
 */
export const LAYERS = [
  {
    name: 'ground',
    files: [
      'errors',
      'random',
      'nearest-name',
      'version',
      'file-lock',
      'make-folder',
      'regular-file',
      'format-error',
      'printable',
      'duration',
      'values',
      'parse-yaml',
    ],
    what: 'errors, random numbers, locks',
  },
  { name: 'engine', folders: ['engine'], what: 'tensors and compiled steps' },
  { name: 'nn', folders: ['nn'], what: 'networks, written once and interpreted in several ways' },
  { name: 'quantization', folders: ['quantization'], what: 'precisions, pins, gradient estimators' },
  { name: 'kinds', folders: ['kinds'], what: 'one file for each kind of plugin, and the table of them' },
  { name: 'artifact', folders: ['artifact'], what: 'the files of a run: writing and reading' },
  { name: 'plugin', folders: ['plugin'], what: 'the contract of plugins, their discovery and registry' },
  { name: 'pipeline', folders: ['pipeline'], what: 'text to validated pipelines' },
  { name: 'train', folders: ['train'], what: 'the step, its inputs and state, views, pretraining' },
  { name: 'evaluate', folders: ['evaluate'], what: 'frozen networks, their features, costs and bits' },
  { name: 'container', folders: ['container'], what: 'composition of a process and of its runs' },
  { name: 'run', folders: ['run'], what: 'a pipeline, its runs, their phases' },
  {
    name: 'outside',
    folders: ['report', 'schemas', 'testing'],
    what: 'report pages; schemas and reference pages; testers for plugins',
  },
  { name: 'cli', folders: ['cli'], what: 'the command line, one file for each command' },
  { name: 'surface', files: ['index', 'run'], what: 'what @ssql/core and @ssql/core/run export' },
];
