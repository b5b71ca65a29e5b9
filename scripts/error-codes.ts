import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import ts from 'typescript';

/** A function that makes an error, and what its docstring says. */
export interface ErrorCode {
  readonly code: string;
  /** The function, and the file that it is in. */
  readonly name: string;
  readonly file: string;
  readonly meaning: string;
  readonly remedy: string;
  /** Whether it says (`@see`) that another function makes the same code. */
  readonly shares: boolean;
}

/**
 * Finds the error codes of TypeScript sources. Each is made by a function of its own, whose docstring says what it means.
 * @returns the codes in their order, and in words: errors that are made in passing, functions without a docstring or its `@remedy`, and
 * codes that two functions share though neither says so
 */
export async function findErrorCodes(
  folders: readonly string[],
): Promise<{ readonly codes: readonly ErrorCode[]; readonly faults: readonly string[] }> {
  const files = (await Promise.all(folders.map(sourceFiles))).flat();
  const found = (await Promise.all(files.map(errorsOf))).flat();
  const codes = found.filter((one) => typeof one !== 'string');
  const faults = found.filter((one) => typeof one === 'string');
  for (const code of new Set(codes.map((one) => one.code))) {
    const sharing = codes.filter((one) => one.code === code && !one.shares);
    const makers = sharing.map(({ file, name }) => `${name} (${file})`).join(' and ');
    if (sharing.length > 1) faults.push(`${code} is made by ${makers}: say @see, or take another code`);
  }
  return { codes: codes.toSorted((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0)), faults };
}

async function sourceFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts')).map((name) => join(folder, name));
}

async function errorsOf(file: string): Promise<(ErrorCode | string)[]> {
  const source = ts.createSourceFile(file, await readFile(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: (ErrorCode | string)[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText(source) === 'SsqlError') {
      const [code] = node.arguments ?? [];
      // The same error again, with more to say, has no code of its own.
      if (code && ts.isStringLiteral(code)) found.push(describe(code.text, node, source));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function describe(code: string, node: ts.Node, source: ts.SourceFile): ErrorCode | string {
  const file = relative('.', source.fileName);
  const at = `${file}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}`;
  const maker = ts.findAncestor(node, (one): one is ts.SignatureDeclaration => ts.isFunctionLike(one));
  const name = maker?.name?.getText(source) ?? 'a function without a name';
  if (maker === undefined || !ts.isFunctionDeclaration(maker) || maker.type?.getText(source) !== 'SsqlError')
    return `${at}: ${code} is made by ${name}; make it in a function that returns SsqlError and nothing else`;
  const documents = ts.getJSDocCommentsAndTags(maker).filter(ts.isJSDoc);
  const tags = ts.getJSDocTags(maker);
  const meaning = oneLine(documents.map(({ comment }) => ts.getTextOfJSDocComment(comment)).join(' '));
  const remedy = oneLine(
    ts.getTextOfJSDocComment(tags.find(({ tagName }) => tagName.text === 'remedy')?.comment) ?? '',
  );
  if (meaning === '') return `${at}: ${name} makes ${code} and does not say what it means`;
  if (remedy === '') return `${at}: ${name} makes ${code} and does not say what to do (@remedy)`;
  return { code, name, file, meaning, remedy, shares: tags.some(({ tagName }) => tagName.text === 'see') };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
