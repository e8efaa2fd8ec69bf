/** The error numbers of WASI preview 1 that this surface answers with. */
export const errno = {
  success: 0,
  badDescriptor: 8,
  fault: 21,
  invalid: 28,
  isDirectory: 31,
  tooManyOpen: 33,
  nameTooLong: 37,
  notFound: 44,
  notImplemented: 52,
  notDirectory: 54,
  notSupported: 58,
  overflow: 61,
  readOnly: 69,
  cannotSeek: 70,
  notCapable: 76,
} as const;

export type Errno = (typeof errno)[keyof typeof errno];

/** Ends one WASI call with an error number that the program sees. */
export class WasiError extends Error {
  readonly errno: Errno;

  constructor(number: Errno) {
    super(`WASI error ${number}`);
    this.errno = number;
  }
}
