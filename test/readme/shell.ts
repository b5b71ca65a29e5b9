import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs a line of commands in a folder, as somebody would who follows README. @returns what it printed */
export async function shell(folder: string, line: string): Promise<string> {
  const options = { cwd: folder, env: { ...process.env, NO_COLOR: '1' }, maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await run('bash', ['-c', line], options).catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`${line}\n${error.stdout}\n${error.stderr}`);
  });
  return stdout;
}
