import { Option } from 'commander';

/** `--json`: machine-readable output. */
export function jsonOption(what: string): Option {
  return new Option('--json', `print ${what} as JSON`);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
