import { op } from '../opcodes.ts';
import { clean64, fixed, neutral } from './value-graph.ts';

/**
 * The node of a constant, whose opcode is at `place`: neutral when it is a number read with lanes of either width, since
 * canonicalising cannot change a number; `clean64` when only its f64 are numbers.
 */
export function constantNode(bytes: Uint8Array, place: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (bytes[place]) {
    case op.f32Const:
      return isSpecial32(view.getUint32(place + 1, true)) ? fixed : neutral;
    case op.f64Const:
      return nodeOfWords(view, place + 1, 2);
    case op.simdPrefix:
      return nodeOfWords(view, place + 2, 4);
    default:
      return neutral;
  }
}

/** Of f64, or of a vector: both halves of each 64 bits are looked at, since either may come to be read as an f32. */
function nodeOfWords(view: DataView, start: number, words: number): number {
  let node = neutral;
  for (let k = 0; k < words; k++) {
    const word = view.getUint32(start + 4 * k, true);
    if (k % 2 === 1 && isSpecial64(word)) return fixed;
    if (isSpecial32(word)) node = clean64;
  }
  return node;
}

/** NaN or infinite. */
function isSpecial32(bits: number): boolean {
  return (bits & 0x7f800000) === 0x7f800000;
}

/** By the upper half of the bits. */
function isSpecial64(bits: number): boolean {
  return (bits & 0x7ff00000) === 0x7ff00000;
}
