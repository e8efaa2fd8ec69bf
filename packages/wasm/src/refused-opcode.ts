import { malformed, unsupported } from './admission-error.ts';

/** Why an opcode is not on the allow-list. */
export function refusedOpcode(opcode: number, offset: number): Error {
  if (opcode === 0xfe)
    return unsupported(
      'The program uses threads or atomics.',
      'Compile for one thread (no -pthread, no -matomics).',
      offset,
    );
  if (opcode === 0xfb)
    return unsupported('The program uses garbage-collected objects.', 'Compile for linear memory.', offset);
  if (opcode === 0x12 || opcode === 0x13)
    return unsupported('The program uses tail calls.', 'Compile without -mtail-call.', offset);
  if ([0x06, 0x07, 0x08, 0x09, 0x0a, 0x18, 0x19, 0x1f].includes(opcode)) {
    return unsupported(
      'The program uses exceptions.',
      'Compile without them (-fno-exceptions, panic=abort).',
      offset,
    );
  }
  if (
    (opcode >= 0xd0 && opcode <= 0xd6) ||
    opcode === 0x25 ||
    opcode === 0x26 ||
    opcode === 0x14 ||
    opcode === 0x15
  ) {
    return unsupported('The program uses reference values.', 'Compile without -mreference-types.', offset);
  }
  return malformed(`There is no instruction 0x${opcode.toString(16)}.`, offset);
}
