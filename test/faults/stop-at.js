/**
 * Ends the process that loads it (`node --import`) at the n-th operation that changes a file below a folder: before it, in the middle of
 * what it writes, or after it. Without n, it lists the operations. The environment says which:
 *
 *     SSQL_FAULT_FOLDER   the folder
 *     SSQL_FAULT_AT       n, from 1
 *     SSQL_FAULT_WHEN     before, within or after
 *     SSQL_FAULT_LIST     a file for the list
 */
import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { resolve, sep } from 'node:path';
import process from 'node:process';

const { SSQL_FAULT_FOLDER = '', SSQL_FAULT_AT, SSQL_FAULT_WHEN, SSQL_FAULT_LIST } = process.env;
const below = resolve(SSQL_FAULT_FOLDER);
const stopAt = Number(SSQL_FAULT_AT);
const { appendFileSync, openSync, closeSync } = fs;
const paths = new WeakMap(); // of file handles
const descriptors = new Map(); // of descriptors: paths
let count = 0;

const promises = createRequire(import.meta.url)('node:fs/promises');
for (const name of ['rename', 'rm', 'mkdir', 'unlink', 'rmdir', 'copyFile', 'truncate', 'cp', 'link', 'symlink'])
  replace(
    promises,
    name,
    (original) =>
      (...args) =>
        operate(name, pathOf(args), () => original(...args)),
  );
for (const name of ['appendFile', 'writeFile'])
  replace(
    promises,
    name,
    (original) =>
      (path, data, ...rest) =>
        operate(
          name,
          pathOf([path]),
          () => original(path, data, ...rest),
          () => original(path, half(data), ...rest),
        ),
  );
replace(promises, 'open', (original) => async (path, flags = 'r', ...rest) => {
  const open = () => original(path, flags, ...rest);
  const handle = await (changes(flags) ? operate('open', pathOf([path]), open) : open());
  paths.set(handle, pathOf([path]));
  return handle;
});
await wrapHandles();

for (const name of ['renameSync', 'rmSync', 'mkdirSync', 'unlinkSync', 'appendFileSync', 'writeFileSync'])
  replace(
    fs,
    name,
    (original) =>
      (...args) =>
        operateSync(name, pathOf(args), () => original(...args)),
  );
replace(fs, 'openSync', (original) => (path, flags = 'r', ...rest) => {
  const open = () => original(path, flags, ...rest);
  const descriptor = changes(flags) ? operateSync('openSync', pathOf([path]), open) : open();
  descriptors.set(descriptor, pathOf([path]));
  return descriptor;
});
for (const name of ['writeSync', 'ftruncateSync'])
  replace(
    fs,
    name,
    (original) =>
      (descriptor, ...args) =>
        operateSync(name, descriptors.get(descriptor), () => original(descriptor, ...args)),
  );
syncBuiltinESMExports();

/** The methods of file handles, whose class only a handle tells. */
async function wrapHandles() {
  const handle = await promises.open(new URL(import.meta.url), 'r');
  const type = Object.getPrototypeOf(handle);
  await handle.close();
  for (const name of ['truncate'])
    replace(
      type,
      name,
      (original) =>
        function (...args) {
          return operate(name, paths.get(this), () => original.apply(this, args));
        },
    );
  for (const name of ['appendFile', 'writeFile', 'write'])
    replace(
      type,
      name,
      (original) =>
        function (data, ...rest) {
          const part = () => original.call(this, half(data), ...(name === 'write' ? [] : rest));
          return operate(name, paths.get(this), () => original.call(this, data, ...rest), part);
        },
    );
}

function replace(holder, name, wrap) {
  holder[name] = wrap(holder[name]);
}

async function operate(name, path, work, part = work) {
  const when = moment(name, path);
  if (when === 'before') end();
  if (when === 'within') await part();
  const result = when === 'within' ? undefined : await work();
  if (when !== undefined) end();
  return result;
}

function operateSync(name, path, work) {
  const when = moment(name, path);
  if (when === 'before') end();
  const result = work();
  if (when !== undefined) end();
  return result;
}

/** When the process ends, if it does at this operation. */
function moment(name, path) {
  if (path === undefined || !(path === below || path.startsWith(below + sep))) return undefined;
  count += 1;
  if (SSQL_FAULT_LIST) {
    const list = openSync(SSQL_FAULT_LIST, 'a');
    appendFileSync(list, `${name} ${path.slice(below.length + 1)}\n`);
    closeSync(list);
  }
  return count === stopAt ? SSQL_FAULT_WHEN : undefined;
}

function end() {
  process.kill(process.pid, 'SIGKILL');
}

function changes(flags) {
  return typeof flags === 'number' ? (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0 : flags !== 'r';
}

/** The path of an operation; of two, the one that changes. */
function pathOf([path]) {
  return typeof path === 'string' ? resolve(path) : undefined;
}

function half(data) {
  return data.slice(0, Math.floor(data.length / 2));
}
