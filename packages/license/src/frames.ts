import { linkFrameBytesMax } from '@taika/protocol/local-link';
import { FrameError } from './frame-error.ts';
import { parseStrictJson } from './strict-json.ts';

const headerBytes = 4;

/** One message as it travels: a 4-byte little-endian length and that many bytes of UTF-8 JSON. Throws a FrameError above 64 KiB. */
export function encodeFrame(message: object): Uint8Array {
  const body = new TextEncoder().encode(JSON.stringify(message));
  if (body.length > linkFrameBytesMax) throw new FrameError(`A frame of ${body.length} bytes is too long.`);
  const frame = new Uint8Array(headerBytes + body.length);
  new DataView(frame.buffer).setUint32(0, body.length, true);
  frame.set(body, headerBytes);
  return frame;
}

/** Puts the pieces of a byte stream together to messages. */
export class FrameReader {
  #held: Uint8Array = new Uint8Array(0);

  /**
   * The messages that are complete with these bytes. Throws a FrameError for a frame that is empty, too long, not
   * UTF-8, not JSON, no object, or names a member twice; a length is judged before its body is waited for.
   */
  push(bytes: Uint8Array): Record<string, unknown>[] {
    this.#held = joined(this.#held, bytes);
    const messages: Record<string, unknown>[] = [];
    for (;;) {
      if (this.#held.length < headerBytes) return messages;
      const length = new DataView(this.#held.buffer, this.#held.byteOffset).getUint32(0, true);
      if (length === 0 || length > linkFrameBytesMax) {
        throw new FrameError(`A frame of ${length} bytes is not allowed: 1 to ${linkFrameBytesMax} are.`);
      }
      if (this.#held.length < headerBytes + length) return messages;
      messages.push(parseMessage(this.#held.subarray(headerBytes, headerBytes + length)));
      this.#held = this.#held.slice(headerBytes + length);
    }
  }

  /** To be called at the end of the stream. Throws a FrameError when a frame was cut off. */
  end(): void {
    if (this.#held.length > 0) throw new FrameError('The stream ended inside a frame.');
  }
}

function parseMessage(body: Uint8Array): Record<string, unknown> {
  const value = parseStrictJson(decodeUtf8(body));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FrameError('A frame must hold a JSON object.');
  }
  return value as Record<string, unknown>;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new FrameError('A frame must be UTF-8.', { cause: error });
  }
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length === 0) return right;
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
