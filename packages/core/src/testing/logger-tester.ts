import { LOGGER_LAWS, type LoggerExtra } from './logger-laws.js';
import { defineTester, type Tester } from './tester.js';

/** Tests loggers, in temporary folders. A case has nothing besides options. */
export const LoggerTester: Tester<'logger', LoggerExtra> = defineTester({
  kind: 'logger',
  laws: LOGGER_LAWS,
  extras: [],
  prepare: () => undefined,
});
