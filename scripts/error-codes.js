// Finds the error codes of the sources: each is made by a function of its own, whose docstring says what it means.
import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import ts from 'typescript';

/**
 * @param {readonly string[]} folders
 * @returns {Promise<{ codes: { code: string, meaning: string, remedy: string, file: string }[], faults: string[] }>}
 * faults: errors that are made outside a function of their own, functions without a docstring or `@remedy`, and codes that two functions
 * share though neither says so by `@see`
 */
export async function findErrorCodes(folders) {
  const made = (await Promise.all(folders.map(sourceFiles))).flat().map(errorsOf);
  const found = (await Promise.all(made)).flat();
  const faults = found.flatMap(({ fault }) => fault ?? []);
  const codes = found.filter(({ fault }) => fault === undefined);
  for (const code of new Set(codes.map((one) => one.code))) {
    const sharing = codes.filter((one) => one.code === code && !one.shares);
    if (sharing.length > 1)
      faults.push(
        `${code} is made by ${sharing.map(({ file, name }) => `${name} (${file})`).join(' and ')}: one may be an error for another`,
      );
  }
  return { codes: codes.toSorted((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0)), faults };
}

async function sourceFiles(folder) {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts')).map((name) => join(folder, name));
}

async function errorsOf(file) {
  const source = ts.createSourceFile(file, await readFile(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = (node) => {
    if (ts.isNewExpression(node) && node.expression.getText(source) === 'SsqlError') {
      const [code] = node.arguments ?? [];
      // The same error again, with more to say, has no code of its own.
      if (code && ts.isStringLiteral(code)) found.push(describe(code.text, node, source, relative('.', file)));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function describe(code, node, source, file) {
  const maker = ts.findAncestor(node, (one) => ts.isFunctionLike(one));
  const name = maker?.name?.getText(source) ?? 'a function without a name';
  const at = `${file}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}`;
  if (maker === undefined || !ts.isFunctionDeclaration(maker) || maker.type?.getText(source) !== 'SsqlError')
    return {
      code,
      fault: `${at}: ${code} is made by ${name}; make it in a function that returns SsqlError and nothing else`,
    };
  const documents = ts.getJSDocCommentsAndTags(maker).filter(ts.isJSDoc);
  const meaning = oneLine(documents.map(({ comment }) => ts.getTextOfJSDocComment(comment)).join(' '));
  const tags = ts.getJSDocTags(maker);
  const remedy = oneLine(textOfTag(tags, 'remedy'));
  if (meaning === '' || remedy === '')
    return {
      code,
      fault: `${at}: ${name} makes ${code} and does not say ${meaning === '' ? 'what it means' : 'what to do (@remedy)'}`,
    };
  return { code, name, file, meaning, remedy, shares: tags.some(({ tagName }) => tagName.text === 'see') };
}

function textOfTag(tags, name) {
  const tag = tags.find(({ tagName }) => tagName.text === name);
  return tag === undefined ? '' : ts.getTextOfJSDocComment(tag.comment);
}

function oneLine(text = '') {
  return text.replaceAll(/\s+/g, ' ').trim();
}
