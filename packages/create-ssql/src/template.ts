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

function plugin(layer: string): Omit<Template, 'summary'> {
  return {
    layers: ['common', 'plugin', layer],
    packagePrefix: 'ssql-plugin-',
    // The pattern that ssql requires of plugin names.
    namePattern: /^[a-z0-9]+(-[a-z0-9]+)*$/,
  };
}
