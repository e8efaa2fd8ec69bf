/** A part of something: its first byte, counted from 0, and how many there are. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** What a `Range` header asks for: all of it, one part, or nothing that is there. */
export type RequestedRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  | { readonly kind: 'unsatisfiable' };

/**
 * Reads a `Range` header (RFC 9110, 14.2) for something `bytes` long. What it does not understand, and several ranges at
 * once, count as no header, as the RFC allows.
 */
export function readByteRange(header: string | undefined, bytes: number): RequestedRange {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  const isBackwards = first !== '' && last !== '' && Number(last) < Number(first);
  if ((first === '' && last === '') || isBackwards) {
    return { kind: 'whole' };
  }
  const offset = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? bytes : Math.min(bytes, Number(last) + 1);
  return offset >= end
    ? { kind: 'unsatisfiable' }
    : { kind: 'part', range: { offset, length: end - offset } };
}

/** The `Content-Range` of a part. */
export function contentRange({ offset, length }: ByteRange, bytes: number): string {
  return `bytes ${offset}-${offset + length - 1}/${bytes}`;
}
