import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import ts from 'typescript';

/** A type of core's sources. */
export interface TypeDeclaration {
  readonly name: string;
  /** Relative to core's sources. */
  readonly file: string;
  /** Its source with the docstring. */
  readonly text: string;
  /** Members without `?` of an interface, with their types. */
  readonly required: readonly { readonly name: string; readonly type: string }[];
  /** The other types of core that it names. */
  readonly uses: readonly { readonly name: string; readonly file: string }[];
}

const CORE = 'packages/core/src';

/** The interfaces and type aliases of a file, in their order. An alias that TypeScript computes from private types is shortened. */
export async function typesIn(file: string): Promise<readonly TypeDeclaration[]> {
  const source = ts.createSourceFile(file, await readFile(join(CORE, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const declared = source.statements.filter(
    (node) => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node),
  );
  const origins = new Map([
    ...importsOf(source),
    ...declared.map(({ name: { text } }) => [text, { name: text, file }] as const),
  ]);
  return declared.map((node) => {
    const name = node.name.text;
    const text = node.getFullText(source).trim();
    const used = namesIn(node).flatMap((used) => origins.get(used) ?? []);
    const uses = used.filter((use) => use.file !== file || use.name !== name);
    const hidden = declared.filter((other) => !isExported(other)).map((other) => other.name.text);
    if (ts.isTypeAliasDeclaration(node) && isExported(node) && uses.some((use) => hidden.includes(use.name)))
      return { name, file, text: shortened(node, source), required: [], uses: [] };
    return { name, file, text, required: requiredOf(node, source), uses };
  });
}

/** The names that `@ssql/core` exports. */
export async function exportedNames(): Promise<ReadonlySet<string>> {
  const text = await readFile(join(CORE, 'index.ts'), 'utf8');
  const names: string[] = [];
  ts.createSourceFile('index.ts', text, ts.ScriptTarget.Latest, true).forEachChild((node) => {
    if (ts.isExportDeclaration(node) && node.exportClause !== undefined && ts.isNamedExports(node.exportClause))
      names.push(...node.exportClause.elements.map((element) => element.name.text));
  });
  return new Set(names);
}

/** What a file imports from other files of core, by the names that it uses. */
function importsOf(source: ts.SourceFile): readonly (readonly [string, { name: string; file: string }])[] {
  return source.statements.flatMap((node) => {
    if (!ts.isImportDeclaration(node) || !ts.isStringLiteral(node.moduleSpecifier)) return [];
    const { text } = node.moduleSpecifier;
    const bindings = node.importClause?.namedBindings;
    if (!text.startsWith('.') || bindings === undefined || !ts.isNamedImports(bindings)) return [];
    const file = posix.join(posix.dirname(source.fileName), text.replace(/\.js$/, '.ts'));
    return bindings.elements.map(
      ({ name, propertyName }) => [name.text, { name: (propertyName ?? name).text, file }] as const,
    );
  });
}

/** The names of the types within a type. */
function namesIn(node: ts.Node): readonly string[] {
  const names = new Set<string>();
  const visit = (inner: ts.Node): void => {
    if (ts.isTypeReferenceNode(inner)) names.add(inner.typeName.getText());
    if (ts.isExpressionWithTypeArguments(inner)) names.add(inner.expression.getText());
    ts.forEachChild(inner, visit);
  };
  visit(node);
  return [...names];
}

function requiredOf(
  node: ts.InterfaceDeclaration | ts.TypeAliasDeclaration,
  source: ts.SourceFile,
): TypeDeclaration['required'] {
  if (!ts.isInterfaceDeclaration(node)) return [];
  return node.members
    .filter(({ questionToken, name }) => questionToken === undefined && name !== undefined)
    .map((member) => ({
      name: member.name!.getText(source),
      type: ts.isPropertySignature(member) ? (member.type?.getText(source) ?? 'unknown') : 'function',
    }));
}

function isExported(node: ts.InterfaceDeclaration | ts.TypeAliasDeclaration): boolean {
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
}

function shortened(node: ts.TypeAliasDeclaration, source: ts.SourceFile): string {
  const head = source.text.slice(node.getFullStart(), node.type.getFullStart()).trim();
  return `${head} object; // TypeScript infers its properties from the schema`;
}
