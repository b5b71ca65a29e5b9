export { BackboneTester } from './backbone-tester.js';
export { MethodTester } from './method-tester.js';
export { QuantizerTester } from './quantizer-tester.js';
export type { QuantizerExtra } from './quantizer-subject.js';
export type { Cases, InvalidCase, ValidCase } from './cases.js';
export type { TestFunctions } from './test-functions.js';
export type { Tester } from './tester.js';
export type { MethodExtra } from './method-subject.js';
export type { BackboneExtra } from './backbone-subject.js';
