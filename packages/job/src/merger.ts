/** One unit's output: whole, or, where it is long, as a stream that can be opened more than once. */
export type UnitOutput = Uint8Array | LongOutput;

export interface LongOutput {
  open(): Promise<AsyncIterable<Uint8Array>>;
}

/** Merges what is pushed in; each call gives the bytes that are next in the result. All may throw `MergeError`. */
export interface Merger {
  /** Told of each output before its bytes, where the merger must see it beforehand. */
  beginOutput?(output: UnitOutput): Promise<Uint8Array[]>;
  push(chunk: Uint8Array): Uint8Array[];
  endOutput(): Uint8Array[];
  /** What comes after the last output. */
  end?(): Iterable<Uint8Array>;
}

export async function* bytesOfOutput(output: UnitOutput): AsyncGenerator<Uint8Array> {
  if (output instanceof Uint8Array) {
    yield output;
  } else {
    yield* await output.open();
  }
}

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Bytes of an output; reads a long one for it. */
export async function measureOutput(output: UnitOutput): Promise<number> {
  if (output instanceof Uint8Array) {
    return output.length;
  }
  let bytes = 0;
  for await (const chunk of await output.open()) {
    bytes += chunk.length;
  }
  return bytes;
}
