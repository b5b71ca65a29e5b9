import { createProgram } from '../../packages/core/src/cli/program.js';

/** What a command of the command line prints to standard output, run in this process. @throws what the command throws */
export async function printedBy(...args: readonly string[]): Promise<string> {
  const program = createProgram();
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  const { stdout } = process;
  const write = stdout.write.bind(stdout);
  let printed = '';
  stdout.write = (text: string | Uint8Array) => {
    printed += text.toString();
    return true;
  };
  try {
    await program.parseAsync(args, { from: 'user' });
  } finally {
    stdout.write = write;
  }
  return printed;
}
