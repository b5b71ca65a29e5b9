import type { TemplateName } from './template.js';

/** The text that lists the next steps after a project was created. */
export function nextSteps(folder: string, template: TemplateName): string {
  const steps: readonly (readonly [command: string, comment: string])[] = [
    ...(folder === '.' ? [] : [[`cd ${/\s/.test(folder) ? JSON.stringify(folder) : folder}`, ''] as const]),
    ['npm install', 'runs no install scripts'],
    ['npx ssql engine install', 'libtensorflow, once per machine; without it training is about fifteen times slower'],
    ...(template === 'experiment' ? EXPERIMENT : PLUGIN),
  ];
  const width = Math.max(...steps.map(([command]) => command.length));
  const lines = steps.map(([command, comment]) => `  ${command.padEnd(width)}  ${comment}`.trimEnd());
  return `Next:\n\n${lines.join('\n')}\n`;
}

const EXPERIMENT = [
  ['npm run schema', 'writes the schema with which editors complete pipeline.yaml'],
  ['npm start', 'trains, evaluates and writes a report'],
] as const;

const PLUGIN = [
  ['npm test', 'checks the plugin against the laws of its kind'],
  ['npm run build', 'compiles into dist/'],
  ['npm start', 'trains with the plugin, without and with SSQL'],
] as const;
