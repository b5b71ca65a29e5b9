declare module 'fs-native-extensions' {
  /** Locks an open file, in the kernel; false where another open file has the lock. */
  export function tryLock(file: number, options?: { readonly shared?: boolean }): boolean;
}
