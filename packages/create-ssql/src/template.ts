/** Templates by name, the default first. */
export const TEMPLATES = {
  experiment: {
    summary: 'a pipeline on handwritten digits, without and with SSQL, as a starting point',
    layers: ['common', 'experiment'],
    packagePrefix: '',
    namePattern: /^[a-z0-9][a-z0-9._-]*$/,
  },
  quantizer: {
    summary: 'a plugin package with a quantizer whose levels are powers of two',
    ...plugin('quantizer'),
  },
  method: {
    summary: 'a plugin package with a contrastive method',
    ...plugin('method'),
  },
  backbone: {
    summary: 'a plugin package with a small VGG',
    ...plugin('backbone'),
  },
  data: {
    summary: 'a plugin package with made-up images',
    ...plugin('data', 'example'),
  },
  augmentation: {
    summary: 'a plugin package with an augmentation that makes negatives',
    ...plugin('augmentation', 'example'),
  },
  wrapper: {
    summary: 'a plugin package with a weighted form of SSQL',
    ...plugin('wrapper', 'example'),
  },
  observer: {
    summary: 'a plugin package with an observer that adds a margin',
    ...plugin('observer', 'example'),
  },
  sampler: {
    summary: 'a plugin package with a sampler that prefers few bits',
    ...plugin('sampler', 'example'),
  },
  optimizer: {
    summary: 'a plugin package with sign descent',
    ...plugin('optimizer', 'example'),
  },
  schedule: {
    summary: 'a plugin package with a learning rate that falls in steps',
    ...plugin('schedule', 'example'),
  },
  assigner: {
    summary: 'a plugin package with a greedy choice of bits per layer',
    ...plugin('assigner', 'example'),
  },
  stage: {
    summary: 'a plugin package with a stage that measures features',
    ...plugin('stage', 'example'),
  },
  logger: {
    summary: 'a plugin package with a logger of JSON lines',
    ...plugin('logger', 'example'),
  },
} as const satisfies { readonly [name: string]: Template };

export type TemplateName = keyof typeof TEMPLATES;

export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as readonly TemplateName[]; // the keys of a literal

export interface Template {
  readonly summary: string;
  /** Folders of `templates/` whose files make up the project. */
  readonly layers: readonly string[];
  /** Prefix of the package's name. */
  readonly packagePrefix: string;
  readonly namePattern: RegExp;
}

function plugin(...layers: readonly string[]): Omit<Template, 'summary'> {
  return {
    layers: ['common', 'plugin', ...layers],
    packagePrefix: 'ssql-plugin-',
    // The pattern that ssql requires of plugin names.
    namePattern: /^[a-z0-9]+(-[a-z0-9]+)*$/,
  };
}
