/** Text that is HTML. Only `html` and `trusted` create it, so text from users is always escaped. */
export class Markup {
  constructor(readonly text: string) {}
}

export type Content = string | number | undefined | Markup | readonly Content[];

/** A template whose interpolated strings are escaped, both in elements and in quoted attributes. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(parts.reduce((text, part, index) => text + render(values[index - 1]) + part));
}

/** Accepts text as HTML without escaping: for our style sheet and vega's drawings. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function render(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Markup) return content.text;
  if (typeof content === 'object') return content.map(render).join('');
  return String(content).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

const ESCAPES: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
