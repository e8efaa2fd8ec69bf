import type { ByteRange } from './blobs.ts';

/** What a `Range` header asks of something `size` bytes long. */
export type RequestedRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  | { readonly kind: 'unsatisfiable' };

/** Reads a `Range` header (RFC 9110). One range is served; of several, or of a form we do not know, the whole is sent, as the standard allows. */
export function parseRange(header: string | undefined, size: number): RequestedRange {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') {
    return { kind: 'whole' };
  }
  const offset = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  return offset >= end
    ? { kind: 'unsatisfiable' }
    : { kind: 'part', range: { offset, length: end - offset } };
}
