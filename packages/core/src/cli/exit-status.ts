/** Not `process.exitCode`, which plugins can set too. */
let status = 0;

/** Sets the exit status of the process. */
export function setExitStatus(chosen: number): void {
  status = chosen;
}

export function exitStatus(): number {
  return status;
}
