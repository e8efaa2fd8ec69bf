/** What a `Range` header asks for of a file: all of it, one part, or nothing that is there. */
export type ByteRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly first: number; readonly last: number }
  | { readonly kind: 'unsatisfiable' };

/** Reads a `Range` header (RFC 9110, 14.2). What it does not understand, and several ranges at once, count as no header, as the RFC allows. */
export function parseByteRange(header: string | undefined, bytes: number): ByteRange {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  const [, from = '', to = ''] = match ?? [];
  if (match === null || (from === '' && to === '')) {
    return { kind: 'whole' };
  }
  if (from === '') {
    const length = Math.min(Number(to), bytes);
    return length === 0
      ? { kind: 'unsatisfiable' }
      : { kind: 'part', first: bytes - length, last: bytes - 1 };
  }
  const first = Number(from);
  const last = to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1);
  if (to !== '' && Number(to) < first) {
    return { kind: 'whole' };
  }
  return first >= bytes ? { kind: 'unsatisfiable' } : { kind: 'part', first, last };
}
