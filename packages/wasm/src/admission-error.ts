/** Why a program was refused. Codes are stable, sentences are not. */
export type AdmissionErrorCode =
  /** The bytes are not WebAssembly, or not encoded as the specification demands. */
  | 'malformed'
  /** Well encoded, but breaks a rule of the specification (types, indices, stack). */
  | 'invalid'
  /** Valid WebAssembly of a kind that is not on the allow-list. */
  | 'unsupported'
  /** An import that the sandbox does not provide, or with another type than WASI gives it. */
  | 'forbidden-import'
  /** Larger than one of `AdmissionLimits`. */
  | 'limit-exceeded'
  /** Exports a name that belongs to the platform, so most likely it was rewritten already. */
  | 'reserved-name'
  /** Not a WASI command: `_start` or `memory` is missing or of another type. */
  | 'not-a-command';

/** Where in the module the reason lies. All fields are absent when the reason is the module as a whole. */
export interface AdmissionPlace {
  /** Index in the module's function index space, imports included. */
  readonly functionIndex?: number | undefined;
  readonly functionName?: string | undefined;
  /** Byte offset in the uploaded module. */
  readonly offset?: number | undefined;
}

/** A program that is refused. The only error that `admitProgram` throws, whatever the bytes are. */
export class AdmissionError extends Error {
  readonly fault = 'customer';
  readonly retryable = false;
  readonly code: AdmissionErrorCode;
  /** What is wrong, one sentence, about the program. */
  readonly reason: string;
  /** What its author can do, one sentence; usually a compiler flag. */
  readonly remedy: string;
  readonly functionIndex: number | undefined;
  readonly functionName: string | undefined;
  readonly offset: number | undefined;

  constructor(code: AdmissionErrorCode, reason: string, remedy: string, place: AdmissionPlace = {}) {
    super(`${reason}${describePlace(place)}`);
    this.name = 'AdmissionError';
    this.code = code;
    this.reason = reason;
    this.remedy = remedy;
    this.functionIndex = place.functionIndex;
    this.functionName = place.functionName;
    this.offset = place.offset;
  }

  /** The same refusal with more about its place; what is known already stays. */
  at(place: AdmissionPlace): AdmissionError {
    return new AdmissionError(this.code, this.reason, this.remedy, {
      functionIndex: this.functionIndex ?? place.functionIndex,
      functionName: this.functionName ?? place.functionName,
      offset: this.offset ?? place.offset,
    });
  }
}

const rebuild = 'Compile the program again; if the compiler wrote these bytes, report it there.';

export function malformed(reason: string, offset: number): AdmissionError {
  return new AdmissionError('malformed', reason, rebuild, { offset });
}

export function invalid(reason: string, offset?: number): AdmissionError {
  return new AdmissionError('invalid', reason, rebuild, { offset });
}

export function unsupported(reason: string, remedy: string, offset?: number): AdmissionError {
  return new AdmissionError('unsupported', reason, remedy, { offset });
}

/** `what` names the thing counted, in the plural: "locals in a function". */
export function limitExceeded(
  what: string,
  found: number,
  limit: number,
  remedy: string,
  offset?: number,
): AdmissionError {
  return new AdmissionError(
    'limit-exceeded',
    `The program has ${found} ${what}; at most ${limit} are allowed.`,
    remedy,
    { offset },
  );
}

function describePlace(place: AdmissionPlace): string {
  const parts: string[] = [];
  if (place.functionIndex !== undefined) {
    parts.push(
      `function ${place.functionIndex}${place.functionName === undefined ? '' : ` "${place.functionName}"`}`,
    );
  }
  if (place.offset !== undefined) parts.push(`offset 0x${place.offset.toString(16)}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
