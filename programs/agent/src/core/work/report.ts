import type { ReportText } from '@taika/protocol/dispatch/cycle';
import { limits } from '@taika/protocol/limits';
import type { UnitRun } from '@taika/runner/sandbox';
import type { UnitOutcome } from '@taika/wasm/outcome';
import type { RunEnd } from './run-assignment.ts';

/** Uploads a long output under its digest, which it gives. */
export type UploadOutput = (bytes: Uint8Array) => Promise<string>;

/** Bytes of outputs that one report carries itself, so that several fit into one request beside their base64. */
const reportInlineBytesMax = 2 * 1024 * 1024;

/** Makes the report of a run. Outputs that are long, or too many, are uploaded first. */
export async function makeReport(
  assignmentId: string,
  end: RunEnd,
  upload: UploadOutput,
): Promise<ReportText> {
  const outputs: string[] = [];
  const blobs: NonNullable<ReportText['blobs']> = [];
  let inlineBytes = 0;
  for (const [at, { outcome }] of end.results.entries()) {
    const output = outputOf(outcome);
    const isLong =
      output.length > limits.inlineOutputBytesMax || inlineBytes + output.length > reportInlineBytesMax;
    if (isLong) blobs.push({ at, sha256: await upload(output), bytes: output.length });
    else inlineBytes += output.length;
    outputs.push(isLong ? '' : output.toBase64());
  }
  const failures = end.results.flatMap(failureOf);
  return {
    assignmentId,
    fuels: end.results.map(({ outcome }) => fuelOf(outcome)),
    outputs,
    ...(failures.length === 0 ? {} : { failures }),
    ...(blobs.length === 0 ? {} : { blobs }),
    ...(end.restCause === undefined ? {} : { restCause: end.restCause }),
  };
}

/** A report of nothing: the whole run goes back. */
export function returnWhole(assignmentId: string, restCause: string): ReportText {
  return { assignmentId, fuels: [], outputs: [], restCause };
}

/** Characters of a report's outputs: what decides how many reports fit into a request. */
export function reportSize({ outputs, failures = [] }: ReportText): number {
  const stderr = failures.reduce((sum, { stderr: text = '' }) => sum + text.length, 0);
  return outputs.reduce((sum, output) => sum + output.length + 3, 0) + stderr + 200;
}

function outputOf(outcome: UnitOutcome): Uint8Array {
  return outcome.kind === 'completed' && outcome.exitCode === 0 ? outcome.output : new Uint8Array(0);
}

function fuelOf(outcome: UnitOutcome): number {
  return outcome.kind === 'completed' ? Number(outcome.fuel) : 0;
}

function failureOf({ outcome }: UnitRun, at: number): NonNullable<ReportText['failures']> {
  if (outcome.kind === 'returned' || (outcome.kind === 'completed' && outcome.exitCode === 0)) return [];
  const stderr = outcome.stderr.subarray(-limits.stderrBytesMax).toBase64();
  const what = outcome.kind === 'trapped' ? { trap: outcome.trap } : { exitCode: outcome.exitCode };
  return [{ at, ...what, ...(stderr === '' ? {} : { stderr }) }];
}
