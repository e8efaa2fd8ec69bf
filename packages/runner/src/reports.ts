import type { ReturnCause, TrapKind, UnitOutcome } from '@taika/wasm/outcome';
import { readList, writeList } from './messages.ts';
import { WireReader, WireWriter } from './wire.ts';

/** What the runner tells its parent. */
export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'ended'; readonly ends: readonly TicketEnd[] };

/** How the unit of one ticket ended. */
export interface TicketEnd {
  readonly ticket: number;
  readonly durationMs: number;
  readonly outcome: UnitOutcome;
}

const reportKinds = ['ready', 'refused', 'ended'] as const;
const outcomeKinds = ['completed', 'trapped', 'returned'] as const;
const traps: readonly TrapKind[] = [
  'unreachable',
  'memory-out-of-bounds',
  'table-out-of-bounds',
  'division-by-zero',
  'integer-overflow',
  'invalid-conversion',
  'indirect-call',
  'output-limit',
  'fuel-limit',
];
const causes: readonly ReturnCause[] = [
  'stack-exhausted',
  'time-limit',
  'host-memory',
  'runner-lost',
  'cancelled',
];

export function encodeReport(report: Report): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter().u8(reportKinds.indexOf(report.kind));
  if (report.kind === 'refused') writer.text(report.reason);
  else if (report.kind === 'ended') writeList(writer, report.ends, (end) => writeEnd(writer, end));
  return writer.finish();
}

/** Throws on anything that is not exactly one report: the sender runs foreign code. */
export function decodeReport(message: Uint8Array): Report {
  const reader = new WireReader(message);
  const report = readReport(reader);
  reader.end();
  return report;
}

function readReport(reader: WireReader): Report {
  const kind = reportKinds[reader.u8()];
  switch (kind) {
    case 'ready':
      return { kind };
    case 'refused':
      return { kind, reason: reader.text() };
    case 'ended':
      return { kind, ends: readList(reader, () => readEnd(reader)) };
    default:
      throw new Error('A report of an unknown kind.');
  }
}

function writeEnd(writer: WireWriter, { ticket, durationMs, outcome }: TicketEnd): void {
  writer.u32(ticket).f64(durationMs).u8(outcomeKinds.indexOf(outcome.kind));
  switch (outcome.kind) {
    case 'completed':
      writer
        .u32(outcome.exitCode >>> 0)
        .u64(outcome.fuel)
        .u32(outcome.memoryPages);
      writer.bytes(outcome.output).bytes(outcome.stderr);
      break;
    case 'trapped':
      writer.u8(traps.indexOf(outcome.trap)).bytes(outcome.stderr);
      break;
    case 'returned':
      writer.u8(causes.indexOf(outcome.cause));
      break;
  }
}

function readEnd(reader: WireReader): TicketEnd {
  return { ticket: reader.u32(), durationMs: reader.f64(), outcome: readOutcome(reader) };
}

function readOutcome(reader: WireReader): UnitOutcome {
  const kind = outcomeKinds[reader.u8()];
  switch (kind) {
    case 'completed':
      return {
        kind,
        exitCode: reader.u32() | 0,
        fuel: reader.u64(),
        memoryPages: reader.u32(),
        output: reader.bytes(),
        stderr: reader.bytes(),
      };
    case 'trapped':
      return { kind, trap: known(traps[reader.u8()]), stderr: reader.bytes() };
    case 'returned':
      return { kind, cause: known(causes[reader.u8()]) };
    default:
      throw new Error('An outcome of an unknown kind.');
  }
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('An outcome with an unknown reason.');
  return value;
}
