/**
 * A decoder for the reference counter, written for reading and not for speed. It trusts its input and shares nothing
 * with the decoder in src, so that a mistake there is not repeated here.
 */
export interface Instruction {
  readonly opcode: number;
  /** Opcode after the prefix 0xFC or 0xFD, else -1. */
  readonly sub: number;
  /** Index, label, offset or lane. */
  readonly a: number;
  readonly b: number;
  readonly value: bigint;
  readonly bytes: Uint8Array;
  readonly targets: readonly number[];
  /** Parameters and results of the block that begins here. */
  params: number;
  results: number;
  /** Index of the matching `else`, or of `end` when there is none; index of the matching `end`. */
  elseAt: number;
  endAt: number;
}

export interface Type {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

export interface Body {
  readonly type: Type;
  readonly locals: readonly number[];
  readonly code: readonly Instruction[];
}

export interface Module {
  readonly types: Type[];
  readonly imports: { name: string; type: Type }[];
  readonly functionTypes: number[];
  readonly bodies: Body[];
  readonly globals: { type: number; init: Instruction }[];
  readonly exports: Map<string, { kind: number; index: number }>;
  readonly elements: { offset: number; functions: (number | undefined)[] }[];
  readonly data: { offset: number | undefined; bytes: Uint8Array }[];
  memory: { min: number; max: number } | undefined;
  tableSize: number;
}

export function decode(bytes: Uint8Array): Module {
  const module: Module = {
    types: [],
    imports: [],
    functionTypes: [],
    bodies: [],
    globals: [],
    exports: new Map(),
    elements: [],
    data: [],
    memory: undefined,
    tableSize: 0,
  };
  const input = new Input(bytes, 8);
  while (input.pos < bytes.length) {
    const id = input.byte();
    const end = input.number() + input.pos;
    readSection(module, id, input);
    input.pos = end;
  }
  return module;
}

class Input {
  readonly bytes: Uint8Array;
  pos: number;
  constructor(bytes: Uint8Array, pos: number) {
    this.bytes = bytes;
    this.pos = pos;
  }
  byte(): number {
    return this.bytes[this.pos++] as number;
  }
  signed(): bigint {
    let value = 0n;
    let shift = 0n;
    for (;;) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - (1n << shift);
    }
  }
  number(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return value;
    }
  }
  take(count: number): Uint8Array {
    this.pos += count;
    return this.bytes.subarray(this.pos - count, this.pos);
  }
  name(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.take(this.number()));
  }
  list<T>(read: () => T): T[] {
    return Array.from({ length: this.number() }, read);
  }
}

function readSection(module: Module, id: number, input: Input): void {
  switch (id) {
    case 1:
      for (let count = input.number(); count > 0; count--) {
        input.byte();
        module.types.push({
          params: input.list(() => input.byte()),
          results: input.list(() => input.byte()),
        });
      }
      break;
    case 2:
      for (let count = input.number(); count > 0; count--) {
        input.name();
        const name = input.name();
        input.byte();
        const type = input.number();
        module.imports.push({ name, type: module.types[type] as Type });
        module.functionTypes.push(type);
      }
      break;
    case 3:
      module.functionTypes.push(...input.list(() => input.number()));
      break;
    case 4:
      if (input.number() === 0) break;
      input.byte();
      input.byte();
      module.tableSize = input.number();
      break;
    case 5: {
      if (input.number() === 0) break;
      const flags = input.byte();
      const min = input.number();
      module.memory = { min, max: flags === 1 ? input.number() : 65_536 };
      break;
    }
    case 6:
      for (let count = input.number(); count > 0; count--) {
        const type = input.byte();
        input.byte();
        const [init] = readCode(module, input);
        module.globals.push({ type, init: init as Instruction });
      }
      break;
    case 7:
      for (let count = input.number(); count > 0; count--) {
        const name = input.name();
        module.exports.set(name, { kind: input.byte(), index: input.number() });
      }
      break;
    case 9:
      for (let count = input.number(); count > 0; count--) {
        const flags = input.number();
        if ((flags & 2) !== 0) input.number();
        const offset = readOffset(module, input);
        if ((flags & 2) !== 0) input.byte();
        const functions = input.list(() => ((flags & 4) === 0 ? input.number() : readReference(input)));
        module.elements.push({ offset, functions });
      }
      break;
    case 10:
      for (let count = input.number(), k = module.imports.length; count > 0; count--, k++) {
        const end = input.number() + input.pos;
        const locals: number[] = [];
        for (let groups = input.number(); groups > 0; groups--) {
          const size = input.number();
          const type = input.byte();
          for (let j = 0; j < size; j++) locals.push(type);
        }
        const code = readCode(module, input);
        module.bodies.push({ type: module.types[module.functionTypes[k] as number] as Type, locals, code });
        if (input.pos !== end) throw new Error('The reference decoder lost its way.');
      }
      break;
    case 11:
      for (let count = input.number(); count > 0; count--) {
        const flags = input.number();
        if (flags === 2) input.number();
        const offset = flags === 1 ? undefined : readOffset(module, input);
        module.data.push({ offset, bytes: input.take(input.number()) });
      }
      break;
    default:
  }
}

function readOffset(module: Module, input: Input): number {
  const [init] = readCode(module, input);
  return Number(BigInt.asUintN(32, (init as Instruction).value));
}

function readReference(input: Input): number | undefined {
  const opcode = input.byte();
  const index = input.number();
  input.byte();
  return opcode === 0xd2 ? index : undefined;
}

/** Reads up to the `end` that closes the expression, and links blocks with their ends. */
function readCode(module: Module, input: Input): Instruction[] {
  const code: Instruction[] = [];
  const open: number[] = [];
  for (;;) {
    const instruction = readInstruction(module, input);
    const at = code.push(instruction) - 1;
    if (instruction.opcode >= 0x02 && instruction.opcode <= 0x04) open.push(at);
    if (instruction.opcode === 0x05) (code[open.at(-1) as number] as Instruction).elseAt = at;
    if (instruction.opcode !== 0x0b) continue;
    const start = open.pop();
    if (start === undefined) return code;
    const block = code[start] as Instruction;
    block.endAt = at;
    if (block.elseAt < 0) block.elseAt = at;
    else (code[block.elseAt] as Instruction).endAt = at;
  }
}

function readInstruction(module: Module, input: Input): Instruction {
  const opcode = input.byte();
  const it = {
    opcode,
    sub: -1,
    a: 0,
    b: 0,
    value: 0n,
    bytes: new Uint8Array(0) as Uint8Array,
    targets: [] as number[],
    params: 0,
    results: 0,
    elseAt: -1,
    endAt: -1,
  };
  if (opcode >= 0x02 && opcode <= 0x04) {
    const type = Number(input.signed());
    it.params = type < 0 ? 0 : (module.types[type] as Type).params.length;
    it.results = type < 0 ? (type === -64 ? 0 : 1) : (module.types[type] as Type).results.length;
  } else if ([0x0c, 0x0d, 0x10].includes(opcode) || (opcode >= 0x20 && opcode <= 0x24)) it.a = input.number();
  else if (opcode === 0x0e) it.targets.push(...input.list(() => input.number()), input.number());
  else if (opcode === 0x11) {
    it.a = input.number();
    it.b = input.number();
  } else if (opcode === 0x1c) input.list(() => input.byte());
  else if (opcode >= 0x28 && opcode <= 0x3e) {
    input.number();
    it.a = input.number();
  } else if (opcode === 0x3f || opcode === 0x40) input.byte();
  else if (opcode === 0x41 || opcode === 0x42) it.value = input.signed();
  else if (opcode === 0x43 || opcode === 0x44) it.bytes = input.take(opcode === 0x43 ? 4 : 8);
  else if (opcode === 0xfc) {
    it.sub = input.number();
    if (it.sub === 8 || it.sub === 9) it.a = input.number();
    for (let zeros = [0, 1, 0, 2, 1][it.sub - 7] ?? 0; zeros > 0; zeros--) input.byte();
  } else if (opcode === 0xfd) {
    it.sub = input.number();
    const sub = it.sub;
    if (sub <= 0x0b || sub === 0x5c || sub === 0x5d || (sub >= 0x54 && sub <= 0x5b)) {
      input.number();
      it.a = input.number();
    }
    if (sub === 0x0c || sub === 0x0d) it.bytes = input.take(16);
    if ((sub >= 0x15 && sub <= 0x22) || (sub >= 0x54 && sub <= 0x5b)) it.b = input.byte();
  }
  return it;
}
