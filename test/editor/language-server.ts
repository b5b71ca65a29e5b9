import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  DiagnosticSeverity,
  StreamMessageReader,
  StreamMessageWriter,
  type CompletionItem,
  type CompletionList,
  type Diagnostic,
  type Hover,
  type MarkupContent,
  type Position,
} from 'vscode-languageserver-protocol/node.js';

/** The real yaml-language-server, spoken to as an editor does; it looks at one text of a folder at a time. */
export interface LanguageServer {
  /** What is proposed at the `|` in the text. */
  complete(text: string): Promise<readonly CompletionItem[]>;
  /** What is shown for the word at the `|`, as Markdown. */
  hover(text: string): Promise<string>;
  /** What is wrong with the text, by line, which count from 1. */
  diagnose(text: string): Promise<readonly Finding[]>;
  close(): Promise<void>;
}

export interface Finding {
  readonly line: number;
  readonly message: string;
}

/** Starts the server over standard input and output, for files of a folder; schemas are those that their first line names. */
export async function startLanguageServer(folder: string): Promise<LanguageServer> {
  const command = createRequire(import.meta.url).resolve('yaml-language-server/bin/yaml-language-server');
  const child = spawn(process.execPath, [command, '--stdio'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const published = new Map<string, (diagnostics: readonly Diagnostic[]) => void>();
  connection.onNotification('textDocument/publishDiagnostics', ({ uri, diagnostics }: Published) => {
    published.get(uri)?.(diagnostics);
  });
  // The catalogue of schemas is on the web; nothing here needs it.
  const settings = { yaml: { schemaStore: { enable: false }, validate: true, hover: true, completion: true } };
  connection.onRequest('workspace/configuration', ({ items }: { readonly items: readonly { section: string }[] }) =>
    items.map(({ section }) => (section === 'yaml' ? settings.yaml : {})),
  );
  connection.onRequest('client/registerCapability', () => undefined);
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    capabilities: {
      workspace: { configuration: true },
      textDocument: {
        completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown', 'plaintext'] } },
        hover: { contentFormat: ['markdown'] },
      },
    },
  });
  await connection.sendNotification('initialized', {});
  await connection.sendNotification('workspace/didChangeConfiguration', { settings });

  let count = 0;
  async function open(text: string): Promise<string> {
    const uri = pathToFileURL(join(folder, `text-${(count += 1)}.yaml`)).href;
    await connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'yaml', version: 1, text },
    });
    return uri;
  }

  async function ask<T>(method: string, marked: string): Promise<T> {
    const { text, position } = cursor(marked);
    return connection.sendRequest<T>(method, { textDocument: { uri: await open(text) }, position });
  }

  return {
    complete: async (text) => (await ask<CompletionList>('textDocument/completion', text)).items,
    async hover(text) {
      const found = await ask<Hover | null>('textDocument/hover', text);
      // The server answers in Markdown alone.
      return found === null ? '' : (found.contents as MarkupContent).value;
    },
    async diagnose(text) {
      // An opened text is validated unasked; its diagnostics are published.
      const uri = pathToFileURL(join(folder, `text-${count + 1}.yaml`)).href;
      const diagnostics = new Promise<readonly Diagnostic[]>((resolve) => published.set(uri, resolve));
      await open(text);
      return (await diagnostics).map(({ range, message, severity }) => ({
        line: range.start.line + 1,
        message: severity === DiagnosticSeverity.Hint ? `hint: ${message}` : message,
      }));
    },
    async close() {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      connection.dispose();
      child.kill();
    },
  };
}

interface Published {
  readonly uri: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** The text without the `|`, and where it stood. */
function cursor(marked: string): { readonly text: string; readonly position: Position } {
  const [before, after, ...more] = marked.split('|');
  if (before === undefined || after === undefined || more.length > 0) throw new Error('one | marks the place');
  const lines = before.split('\n');
  return { text: before + after, position: { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 } };
}
