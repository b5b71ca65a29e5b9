/**
 * Ends something when a thread that decodes images writes its n-th image to disk, of which it writes half: the thread, or the process. Loaded
 * by `node --import`; the environment says which:
 *
 *     SSQL_END      thread or process
 *     SSQL_END_AT   n, from 1
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

const { SSQL_END, SSQL_END_AT } = process.env;
const { writeSync } = fs;
let count = 0;
if (!isMainThread) {
  fs.writeSync = (file, bytes, from, length, position) => {
    count += 1;
    if (count < Number(SSQL_END_AT)) return writeSync(file, bytes, from, length, position);
    writeSync(file, bytes, from, Math.floor(length / 2), position);
    if (SSQL_END === 'process') process.kill(process.pid, 'SIGKILL');
    return process.exit(1); // of the thread
  };
  syncBuiltinESMExports();
}
