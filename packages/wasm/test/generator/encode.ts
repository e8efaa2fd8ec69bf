/** Encodings for generated modules, as plain arrays of bytes; nothing is shared with the encoder in src. */
export function unsigned(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out.push((rest % 0x80) | 0x80);
  out.push(rest);
  return out;
}

export function signed(value: bigint): number[] {
  const out: number[] = [];
  let rest = value;
  for (; rest < -64n || rest > 63n; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
  out.push(Number(rest & 0x7fn));
  return out;
}

export function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

export function text(name: string): number[] {
  const bytes = new TextEncoder().encode(name);
  return [...unsigned(bytes.length), ...bytes];
}

export function section(id: number, content: readonly number[]): number[] {
  return content.length === 0 ? [] : [id, ...unsigned(content.length), ...content];
}

export interface ModuleParts {
  readonly types: readonly { readonly params: readonly number[]; readonly results: readonly number[] }[];
  readonly imports?: readonly { readonly name: string; readonly type: number }[];
  readonly functions: readonly {
    readonly type: number;
    readonly locals: readonly number[];
    readonly code: readonly number[];
  }[];
  /** Functions in the table, from entry 0. */
  readonly table?: readonly number[];
  readonly memory?: { readonly min: number; readonly max?: number };
  readonly globals?: readonly { readonly type: number; readonly init: readonly number[] }[];
  readonly exports: readonly { readonly name: string; readonly kind: number; readonly index: number }[];
  /** Bytes of one passive data segment. */
  readonly data?: readonly number[];
}

/** A whole module. `code` of each function is without its final `end`. */
export function encodeModule(parts: ModuleParts): Uint8Array {
  const { memory, table, data } = parts;
  const body = (fn: ModuleParts['functions'][number]) => {
    const content = [...list(fn.locals.map((type) => [1, type])), ...fn.code, 0x0b];
    return [...unsigned(content.length), ...content];
  };
  const type = (t: ModuleParts['types'][number]) => [
    0x60,
    ...list(t.params.map((p) => [p])),
    ...list(t.results.map((r) => [r])),
  ];
  const limits =
    memory === undefined
      ? []
      : memory.max === undefined
        ? [0, ...unsigned(memory.min)]
        : [1, ...unsigned(memory.min), ...unsigned(memory.max)];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(parts.types.map(type))),
    ...section(
      2,
      list(
        (parts.imports ?? []).map((item) => [
          ...text('wasi_snapshot_preview1'),
          ...text(item.name),
          0,
          ...unsigned(item.type),
        ]),
      ),
    ),
    ...section(3, list(parts.functions.map((fn) => unsigned(fn.type)))),
    ...(table === undefined ? [] : section(4, list([[0x70, 0, ...unsigned(table.length)]]))),
    ...(memory === undefined ? [] : section(5, list([limits]))),
    ...section(6, list((parts.globals ?? []).map((global) => [global.type, 1, ...global.init, 0x0b]))),
    ...section(
      7,
      list(parts.exports.map((item) => [...text(item.name), item.kind, ...unsigned(item.index)])),
    ),
    ...(table === undefined ? [] : section(9, list([[0, 0x41, 0, 0x0b, ...list(table.map(unsigned))]]))),
    ...(data === undefined ? [] : section(12, [1])),
    ...section(10, list(parts.functions.map(body))),
    ...(data === undefined ? [] : section(11, list([[1, ...list(data.map((byte) => [byte]))]]))),
  ]);
}
