import tseslint from 'typescript-eslint';

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Export by name: a name that is given once is found everywhere.',
};

// Comparing with null is allowed: parsers and platform calls hand it in at the borders.
const noNull = {
  selector: 'Literal[raw="null"]:not(BinaryExpression > Literal)',
  message: 'Use undefined. Where a foreign interface wants null, disable this line and say which.',
};

export default tseslint.config(
  // Scripts of examples are outside of every TypeScript project.
  { ignores: ['**/dist', '**/coverage', '**/runs', '**/.venv', '**/samples', 'examples/*/*.mjs'] },
  tseslint.configs.strict,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-syntax': ['error', noDefaultExport],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // noUncheckedIndexedAccess makes array reads possibly undefined; within known bounds `!` says so.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-syntax': ['error', noDefaultExport, noNull],
    },
  },
  {
    files: ['packages/plugins/src/**/*.ts', 'packages/create-ssql/templates/*/src/**/*.ts', 'examples/*/src/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: '@tensorflow/tfjs-core',
              allowTypeImports: true,
              message: 'Plugins get tensors from context.tf: there is one engine in a process.',
            },
          ],
        },
      ],
    },
  },
  {
    // Foreign interfaces that want null: C pointers, and Vega-Lite, where it means "leave it out".
    files: [
      'packages/core/src/engine/tensorflow/{binding,native}.ts',
      'packages/core/src/report/{chart.ts,figures/**}',
    ],
    rules: { 'no-restricted-syntax': ['error', noDefaultExport] },
  },
  { files: ['packages/core/src/cli/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**/*.ts'],
    // Assertions of the chai kind are expressions.
    rules: { '@typescript-eslint/no-unused-expressions': 'off' },
  },
  {
    files: ['examples/*/test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        // node:test runs what is registered; the promises are for those who nest tests.
        { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['describe', 'it'] }] },
      ],
    },
  },
  { files: ['**/*.config.{js,ts}', '.dependency-cruiser.js'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['**/*.{js,mjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
);
