import { Worker } from 'node:worker_threads';

/** Ends the process if a case takes too long, and says which: a loop without an end can be stopped from another thread only. */
export interface Watchdog {
  /** A case begins. */
  watch(name: string): void;
  end(): Promise<number>;
}

/** In seconds: of computing, and of waiting on a busy machine. */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
const computed = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
let at = { name: '', computed: computed(), time: performance.now() };
parentPort.on('message', (name) => { at = { name, computed: computed(), time: performance.now() }; });
setInterval(() => {
  if (computed() - at.computed < workerData && performance.now() - at.time < 30_000 * workerData) return;
  require('node:fs').writeSync(2, 'FAULT hang: ' + at.name + '\\n');
  process.kill(process.pid, 'SIGKILL');
}, 1000);`;

/** @param limit seconds that a case may compute */
export function watchdog(limit: number): Watchdog {
  const worker = new Worker(PROGRAM, { eval: true, workerData: limit });
  return { watch: (name) => worker.postMessage(name), end: () => worker.terminate() };
}
