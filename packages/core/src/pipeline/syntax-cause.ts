/** What a user probably did wrong in a file that is not valid YAML. */
export interface SyntaxCause {
  readonly offset: number;
  readonly reason: string;
  readonly hint?: string;
}

/** An error of the YAML parser. */
export interface ParserError {
  readonly message: string;
  readonly pos: readonly [start: number, end: number];
}

/**
 * The mistake behind the first error of the YAML parser, if the parser reports it elsewhere or in terms of grammar: a quote or bracket that
 * is not closed, an expression or a pattern without quotes, a no-break space, a key without a space after its colon.
 */
export function syntaxCause(text: string, { message, pos: [offset] }: ParserError): SyntaxCause | undefined {
  const quote = openQuote(text);
  if (quote !== undefined && quote <= offset)
    return {
      offset: quote,
      reason: `The quote \`${text[quote]!}\` is not closed.`,
      hint: 'Close it on the same line.',
    };
  return inLine(text, offset) ?? (/^Flow .* end with a/.test(message) ? unclosedBracket(text, offset) : undefined);
}

/** Mistakes in one line, which make its first error. The group of a pattern is what is wrong. */
const IN_LINE: readonly {
  readonly pattern: RegExp;
  reason(match: string): string;
  hint(match: string): string;
}[] = [
  {
    pattern: /([\u00a0\u2007\u202f])/,
    reason: () => 'There is a no-break space, which YAML does not treat as a space.',
    hint: () => 'Replace it by a space. It often comes from copying text of a web page.',
  },
  {
    pattern: /[[{,:]\s*(\$\{[^}\n]*\}[^\s,}\]]*)/,
    reason: (match) => `\`${match}\` is not in quotes.`,
    hint: (match) => `Within \`{ }\` or \`[ ]\`, write "${match}".`,
  },
  {
    pattern: /(?:^|[{,])\s*([*!&[?][^\s:,]*|[\w.*-]*\{[^}]*\}[^\s:,]*)\s*:/,
    reason: (match) => `\`${match}\` is not in quotes.`,
    hint: (match) => `Write "${match}": the character has a meaning in YAML.`,
  },
  {
    pattern: /^\s*(?:- )?([A-Za-z][\w.-]*:[^\s:/]+)\s*$/,
    reason: (match) => `\`${match}\` has no space after the colon, so it is not a key with a value.`,
    hint: (match) => `Write \`${match.replace(':', ': ')}\`.`,
  },
];

function inLine(text: string, offset: number): SyntaxCause | undefined {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const line = text.slice(start).split('\n', 1)[0] ?? '';
  for (const { pattern, reason, hint } of IN_LINE) {
    const match = pattern.exec(line);
    const [all, part] = match ?? [];
    if (match !== null && all !== undefined && part !== undefined)
      return { offset: start + match.index + all.indexOf(part), reason: reason(part), hint: hint(part) };
  }
  return undefined;
}

/** Quoted text, comments and brackets. A quote starts a text only after a space, a bracket, a comma or a colon. */
const TOKEN = /(?<=^|[\s[{,:])(?:"(?:[^"\\]|\\[^])*"?|'(?:[^']|'')*'?|#[^\n]*)|[[\]{}]/g;

/** Where the first quoted text starts that does not end in its line. */
function openQuote(text: string): number | undefined {
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const quote = token[0]!;
    const isQuote = quote === '"' || quote === "'";
    if (isQuote && (token.includes('\n') || token.length === 1 || !token.endsWith(quote))) return index;
  }
  return undefined;
}

/** The innermost bracket that is open at an offset. */
function unclosedBracket(text: string, offset: number): SyntaxCause | undefined {
  const open: number[] = [];
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (index >= offset) break;
    if (token === '{' || token === '[') open.push(index);
    if (token === '}' || token === ']') open.pop();
  }
  const last = open.at(-1);
  if (last === undefined) return undefined;
  const bracket = text[last]!;
  return { offset: last, reason: `The bracket \`${bracket}\` is not closed with \`${bracket === '{' ? '}' : ']'}\`.` };
}
