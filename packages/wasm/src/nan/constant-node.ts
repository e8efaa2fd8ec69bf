import { op } from '../opcodes.ts';
import { fixed, neutral } from './value-graph.ts';

/**
 * The node of a constant, whose opcode is at `place`: fixed when it could be a NaN or infinity read with any lanes,
 * neutral otherwise, since canonicalising cannot change a number.
 */
export function constantNode(bytes: Uint8Array, place: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (bytes[place]) {
    case op.f32Const:
      return isSpecial32(view.getUint32(place + 1, true)) ? fixed : neutral;
    case op.f64Const:
      return isSpecial64(view.getUint32(place + 5, true)) ? fixed : neutral;
    case op.simdPrefix:
      return vectorNode(view, place + 2);
    default:
      return neutral;
  }
}

function vectorNode(view: DataView, start: number): number {
  for (let k = 0; k < 4; k++) {
    const lane = view.getUint32(start + 4 * k, true);
    if (isSpecial32(lane) || (k % 2 === 1 && isSpecial64(lane))) return fixed;
  }
  return neutral;
}

function isSpecial32(bits: number): boolean {
  return (bits & 0x7f800000) === 0x7f800000;
}

/** By the upper half of the bits. */
function isSpecial64(bits: number): boolean {
  return (bits & 0x7ff00000) === 0x7ff00000;
}
