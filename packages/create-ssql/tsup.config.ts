import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/create-ssql.ts'],
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  clean: true,
});
