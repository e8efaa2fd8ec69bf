/**
 * Writes the rewritten module: the admitted one without custom sections, with what `Layout` names appended.
 * Sections that nothing is appended to are copied; all others keep their order and their contents' indices.
 */
import { limitExceeded } from '../admission-error.ts';
import { CodeCursor } from '../code-cursor.ts';
import { startFuel } from '../cost-table.ts';
import { findFunctionName } from '../function-name.ts';
import { i64, op } from '../opcodes.ts';
import { type AdmittedProgram, type FunctionType, type Section, sectionId } from '../program.ts';
import { fuelExport } from '../reserved.ts';
import { type BodyContext, writeBody } from './body.ts';
import { ByteWriter } from './byte-writer.ts';
import { writeGrowHelper } from './grow-helper.ts';
import type { Layout } from './layout.ts';

export function writeModule(context: BodyContext): Uint8Array {
  const { program } = context;
  const out = new ByteWriter(Math.floor(program.bytes.length * 1.5) + 1024);
  out.copy(program.bytes, 0, 8);
  for (const id of sectionOrder) {
    const section = program.sections.find((candidate) => candidate.id === id);
    const content = writeSection(context, id, section);
    if (content === undefined) continue;
    if (id === sectionId.code) context.hints.writeSection(out);
    out.byte(id);
    out.u32(content.length);
    out.append(content);
  }
  return out.finish();
}

const sectionOrder = [
  sectionId.type,
  sectionId.import,
  sectionId.function,
  sectionId.table,
  sectionId.memory,
  sectionId.global,
  sectionId.export,
  sectionId.element,
  sectionId.dataCount,
  sectionId.code,
  sectionId.data,
] as const;

/** The content of a section, or undefined when the module needs none. */
function writeSection(
  context: BodyContext,
  id: number,
  section: Section | undefined,
): ByteWriter | undefined {
  const { program, layout } = context;
  switch (id) {
    case sectionId.type:
      return appendTo(program, section, layout.newTypes.length, (out) => {
        for (const type of layout.newTypes) writeType(out, type);
      });
    case sectionId.function:
      return appendTo(program, section, layout.growFunction < 0 ? 0 : 1, (out) => out.u32(layout.growType));
    case sectionId.memory:
      return writeMemory(program, layout);
    case sectionId.global:
      return appendTo(program, section, 1, (out) => writeFuelGlobal(out, program));
    case sectionId.export:
      return appendTo(program, section, 1, (out) => {
        out.name(fuelExport);
        out.byte(globalKind);
        out.u32(layout.fuelGlobal);
      });
    case sectionId.code:
      return writeCode(context, section);
    default:
      return appendTo(program, section, 0, () => {});
  }
}

const globalKind = 3;

/** A section that is a counted list, with `count` more entries. */
function appendTo(
  program: AdmittedProgram,
  section: Section | undefined,
  count: number,
  append: (out: ByteWriter) => void,
): ByteWriter | undefined {
  if (section === undefined && count === 0) return undefined;
  const out = new ByteWriter(section === undefined ? 64 : section.end - section.start + 64);
  if (section === undefined) {
    out.u32(count);
  } else if (count === 0) {
    out.copy(program.bytes, section.start, section.end);
    return out;
  } else {
    const cursor = new CodeCursor(program.bytes);
    cursor.pos = section.start;
    out.u32(cursor.u32() + count);
    out.copy(program.bytes, cursor.pos, section.end);
  }
  append(out);
  return out;
}

function writeType(out: ByteWriter, type: FunctionType): void {
  out.byte(0x60);
  for (const list of [type.params, type.results]) {
    out.u32(list.length);
    out.copy(list, 0, list.length);
  }
}

function writeMemory(program: AdmittedProgram, layout: Layout): ByteWriter | undefined {
  if (program.memory === undefined) return undefined;
  const out = new ByteWriter(16);
  out.u32(1);
  out.byte(1);
  out.u32(program.memory.pagesMin);
  out.u32(layout.pagesMax);
  return out;
}

/** The counter begins at what making the instance costs. */
function writeFuelGlobal(out: ByteWriter, program: AdmittedProgram): void {
  const { dataBytes, tableEntries } = program;
  for (const byte of [i64, 1, op.i64Const]) out.byte(byte);
  out.s64(BigInt(startFuel({ pages: program.memory?.pagesMin ?? 0, dataBytes, tableEntries })));
  out.byte(op.end);
}

function writeCode(context: BodyContext, section: Section | undefined): ByteWriter | undefined {
  const { program, layout } = context;
  if (section === undefined) return undefined;
  const out = new ByteWriter(Math.floor((section.end - section.start) * 1.5) + 1024);
  const body = new ByteWriter(65_536);
  out.u32(program.bodies.length + (layout.growFunction < 0 ? 0 : 1));
  for (let index = 0; index < program.bodies.length; index++) {
    body.length = 0;
    writeBody(body, context, index);
    checkLength(program, index, body.length);
    out.u32(body.length);
    out.append(body);
  }
  if (layout.growFunction >= 0) {
    body.length = 0;
    writeGrowHelper(body, layout);
    out.u32(body.length);
    out.append(body);
  }
  return out;
}

/** Engines take no function longer than 7,654,321 bytes, and what is inserted may be many times what it serves. */
function checkLength(program: AdmittedProgram, index: number, length: number): void {
  if (length <= rewrittenBodyBytesMax) return;
  const functionIndex = program.imports.length + index;
  const what = 'bytes in one function once it is rewritten';
  throw limitExceeded(what, length, rewrittenBodyBytesMax, 'Split the function.').at({
    functionIndex,
    functionName: findFunctionName(program.bytes, functionIndex),
  });
}

const rewrittenBodyBytesMax = 7_600_000;
