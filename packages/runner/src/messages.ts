import type { JobEnvironment, UnitInput, UnitLimits } from '@taika/wasm/unit';
import { WireReader, WireWriter } from './wire.ts';

/** What the parent tells the runner. A ticket names one unit of one run for the life of a runner. */
export type Order =
  | { readonly kind: 'open'; readonly setup: RunnerSetup }
  | { readonly kind: 'run'; readonly slot: number; readonly units: readonly TicketedUnit[] }
  | { readonly kind: 'cancel'; readonly tickets: ReadonlySet<number> }
  | { readonly kind: 'renew'; readonly job: JobEnvironment };

export interface RunnerSetup {
  readonly artefact: Uint8Array;
  readonly job: JobEnvironment;
  readonly limits: UnitLimits;
  /** Workers, each with one slot. */
  readonly parallel: number;
}

export interface TicketedUnit extends UnitInput {
  readonly ticket: number;
}

const orderKinds = ['open', 'run', 'cancel', 'renew'] as const;

export function encodeOrder(order: Order): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter().u8(orderKinds.indexOf(order.kind));
  if (order.kind === 'open') writeSetup(writer, order.setup);
  else if (order.kind === 'run') writeUnits(writer.u32(order.slot), order.units);
  else if (order.kind === 'renew') writeJob(writer, order.job);
  else writeList(writer, [...order.tickets], (ticket) => writer.u32(ticket));
  return writer.finish();
}

export function decodeOrder(message: Uint8Array): Order {
  const reader = new WireReader(message);
  const order = readOrder(reader);
  reader.end();
  return order;
}

function readOrder(reader: WireReader): Order {
  const kind = orderKinds[reader.u8()];
  switch (kind) {
    case 'open':
      return { kind, setup: readSetup(reader) };
    case 'run':
      return { kind, slot: reader.u32(), units: readUnits(reader) };
    case 'cancel':
      return { kind, tickets: new Set(readList(reader, () => reader.u32())) };
    case 'renew':
      return { kind, job: readJob(reader) };
    default:
      throw new Error('An order of an unknown kind.');
  }
}

/** Units alone, as the runner hands them on to a worker. */
export function encodeUnits(units: readonly TicketedUnit[]): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter();
  writeUnits(writer, units);
  return writer.finish();
}

export function decodeUnits(message: Uint8Array): TicketedUnit[] {
  return readUnits(new WireReader(message));
}

function writeUnits(writer: WireWriter, units: readonly TicketedUnit[]): void {
  writeList(writer, units, ({ ticket, index, input }) => writer.u32(ticket).f64(index).bytes(input));
}

function readUnits(reader: WireReader): TicketedUnit[] {
  return readList(reader, () => ({ ticket: reader.u32(), index: reader.f64(), input: reader.bytes() }));
}

function writeSetup(writer: WireWriter, { artefact, job, limits, parallel }: RunnerSetup): void {
  writeJob(writer.u32(parallel).bytes(artefact), job);
  writer
    .f64(limits.memoryPagesMax)
    .f64(limits.outputBytesMax)
    .f64(limits.logBytesMax)
    .f64(limits.durationMsMax);
  writeList(writer, limits.fuelMax === undefined ? [] : [limits.fuelMax], (fuel) => writer.u64(fuel));
}

function writeJob(writer: WireWriter, job: JobEnvironment): void {
  writer.text(job.programHash).u64(BigInt.asUintN(64, job.seed)).f64(job.round).f64(job.unitCount);
  writeList(writer, job.args, (arg) => writer.text(arg));
  writeList(writer, Object.entries(job.env), ([name, value]) => writer.text(name).text(value));
  writeList(writer, [...job.files], ([name, bytes]) => writer.text(name).bytes(bytes));
}

function readSetup(reader: WireReader): RunnerSetup {
  const parallel = reader.u32();
  const artefact = reader.bytes();
  const job = readJob(reader);
  const limits: UnitLimits = {
    memoryPagesMax: reader.f64(),
    outputBytesMax: reader.f64(),
    logBytesMax: reader.f64(),
    durationMsMax: reader.f64(),
    fuelMax: readList(reader, () => reader.u64())[0],
  };
  return { artefact, job, limits, parallel };
}

function readJob(reader: WireReader): JobEnvironment {
  return {
    programHash: reader.text(),
    seed: reader.u64(),
    round: reader.f64(),
    unitCount: reader.f64(),
    args: readList(reader, () => reader.text()),
    env: Object.fromEntries(readList(reader, () => [reader.text(), reader.text()])),
    files: new Map(readList(reader, () => [reader.text(), reader.bytes()] as const)),
  };
}

export function writeList<T>(writer: WireWriter, items: readonly T[], write: (item: T) => void): void {
  writer.u32(items.length);
  for (const item of items) write(item);
}

export function readList<T>(reader: WireReader, read: () => T): T[] {
  const items: T[] = [];
  for (let left = reader.u32(); left > 0; left--) items.push(read());
  return items;
}
