/**
 * A command that cannot go on. `message` says what is wrong, `remedy` what to do. Exit code 2 means that the
 * command was misused (a wrong file, flag or identifier), 1 that it was right and failed.
 */
export class CommandError extends Error {
  readonly code: string;
  readonly remedy: string;
  readonly exitCode: 1 | 2;

  constructor(
    message: string,
    options: {
      readonly code: string;
      readonly remedy: string;
      readonly exitCode?: 1 | 2;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.name = 'CommandError';
    this.code = options.code;
    this.remedy = options.remedy;
    this.exitCode = options.exitCode ?? 2;
  }
}
