import { LoggerTester } from '@ssql/core/testing';
import { logger } from '../src/index.js';

LoggerTester.run(logger, {
  valid: [{ options: {} }, { options: { file: 'other.ndjson' } }],
  invalid: [{ options: { file: 'a/b' }, code: 'FILE_NAME_INVALID' }],
});
