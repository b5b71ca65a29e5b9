import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const readme = readFileSync('README.md', 'utf8');
/** The commands of the first block under "Start". */
const start = /^## Start\n[^]*?\n((?: {4}.*\n)+)/m.exec(readme)?.[1]?.trim().split(/\n +/);

describe('the files for containers', () => {
  it('run the commands of README, in a version of Node that it allows', () => {
    assert.deepEqual(start, ['npm ci', 'npm start']);
    const dockerfile = readFileSync('Dockerfile', 'utf8');
    const commands = [...dockerfile.matchAll(/^(?:RUN|CMD) (.*)$/gm)].map(([, command = '']) =>
      command.startsWith('[') ? (JSON.parse(command) as string[]).join(' ') : command,
    );
    assert.deepEqual(commands, start);
    assert.ok(Number(/^FROM node:(\d+)/m.exec(dockerfile)?.[1]) >= 20);
    const container = parse(readFileSync('.devcontainer/devcontainer.json', 'utf8')) as Record<string, unknown>;
    assert.deepEqual(container['build'], { dockerfile: '../Dockerfile', context: '..' });
    assert.equal(container['postCreateCommand'], start[0]);
  });

  it('cite the paper as README does', () => {
    const { version, 'preferred-citation': paper } = parse(readFileSync('CITATION.cff', 'utf8')) as {
      readonly version: string;
      readonly 'preferred-citation': { readonly title: string; readonly authors: readonly Record<string, string>[] };
    };
    assert.equal(version, (parse(readFileSync('package.json', 'utf8')) as { version: string }).version);
    assert.ok(readme.includes(`title     = {${paper.title}}`));
    const authors = paper.authors.map((author) => `${author['family-names']}, ${author['given-names']}`).join(' and ');
    assert.ok(readme.includes(`author    = {${authors}}`));
  });
});
