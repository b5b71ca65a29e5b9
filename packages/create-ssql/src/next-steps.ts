import type { TemplateName } from './template.js';

/** What to do with a project that was just made, as text to print. */
export function nextSteps(folder: string, template: TemplateName): string {
  const steps: readonly (readonly [command: string, what: string])[] = [
    ...(folder === '.' ? [] : [[`cd ${/\s/.test(folder) ? JSON.stringify(folder) : folder}`, ''] as const]),
    ['npm install', 'runs no install scripts'],
    ['npx ssql engine install', 'libtensorflow, once per machine; without it everything is slower'],
    ...(template === 'experiment' ? EXPERIMENT : PLUGIN),
  ];
  const width = Math.max(...steps.map(([command]) => command.length));
  const lines = steps.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`.trimEnd());
  return `Next:\n\n${lines.join('\n')}\n`;
}

const EXPERIMENT = [
  ['npm run schema', 'the schema by which editors complete pipeline.yaml'],
  ['npm start', 'trains, evaluates and writes a report'],
] as const;

const PLUGIN = [
  ['npm test', "the plugin keeps its kind's laws"],
  ['npm run build', 'into dist/'],
  ['npm start', 'trains with it, without and with SSQL'],
] as const;
