/** What can be made, the default first. */
export const TEMPLATES = {
  experiment: {
    summary: 'a pipeline on handwritten digits, without and with SSQL, to change into your own',
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
} as const satisfies { readonly [name: string]: Template };

export type TemplateName = keyof typeof TEMPLATES;

export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as readonly TemplateName[]; // the keys of a literal

export interface Template {
  readonly summary: string;
  /** Folders of `templates/` whose files it is made of. */
  readonly layers: readonly string[];
  /** What comes before the name in the name of the package. */
  readonly packagePrefix: string;
  readonly namePattern: RegExp;
}

function plugin(layer: string): Omit<Template, 'summary'> {
  return {
    layers: ['common', 'plugin', layer],
    packagePrefix: 'ssql-plugin-',
    // As ssql wants the names of plugins.
    namePattern: /^[a-z0-9]+(-[a-z0-9]+)*$/,
  };
}
