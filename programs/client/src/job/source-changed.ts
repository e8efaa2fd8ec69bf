/** A file that is another one than when its digest was taken: what was sent of it is of no use. */
export class SourceChanged extends Error {
  override readonly name = 'SourceChanged';
  readonly code = 'input-changed';
  readonly fault = 'caller';
  readonly retryable = false;
  readonly remedy = 'Wait until whoever writes it has finished, and run the command again.';

  constructor(file: string, options?: { readonly cause: unknown }) {
    super(`${file} changed while it was sent.`, options);
  }
}
