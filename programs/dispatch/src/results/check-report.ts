import type { ReportText } from '@taika/protocol/dispatch/cycle';
import { limits } from '@taika/protocol/limits';
import { defaultUnitLimits, reportedFuelMax } from '@taika/wasm/unit';
import type { JobDetails } from '../jobs/job-catalogue.ts';
import { type PackedUnit, packRun } from './packed-run.ts';
import type { CheckedReport, FailedUnit, OutputBlob, ReportedAssignment } from './queries.ts';
import { resultIdentity } from './result-identity.ts';
import { causesOfUnit, type ReturnCause, returnCauseOf } from './return-cause.ts';

/** A report that does not fit its assignment or itself. Its run goes to another terminal. */
export class ReportRefused extends Error {
  override readonly name = 'ReportRefused';
}

/**
 * Checks a report against its assignment and works out the identity of each unit's result. Throws `ReportRefused` with a
 * sentence. `blobSizes` are the blobs among the report's that this terminal has uploaded.
 */
export function checkReport(
  report: ReportText,
  assignment: Pick<ReportedAssignment, 'id' | 'firstUnit' | 'units' | 'terminalNumber'>,
  job: Pick<JobDetails, 'identity' | 'spec'>,
  blobSizes: ReadonlyMap<string, number>,
): CheckedReport {
  const units = report.fuels.length;
  demand(report.outputs.length === units, `It has ${units} fuels and ${report.outputs.length} outputs.`);
  demand(units <= assignment.units, `The run has ${assignment.units} units, and the report ${units}.`);
  const failures = new Map((report.failures ?? []).map((failure) => [failure.at, failure]));
  const blobs = new Map((report.blobs ?? []).map((blob) => [blob.at, blob]));
  for (const at of [...failures.keys(), ...blobs.keys()]) {
    demand(at < units, `It says something of unit ${at}, and has ${units}.`);
  }
  const outputBytesMax = job.spec.limits?.outputBytes ?? defaultUnitLimits.outputBytesMax;
  // Price and points follow the fuel that a terminal reports: none is believed that no machine could work off.
  const durationMsMax = job.spec.limits?.timeMs ?? defaultUnitLimits.durationMsMax;
  const fuelMax = Number(reportedFuelMax({ durationMsMax }));
  const packed: PackedUnit[] = [];
  const digests = Buffer.allocUnsafe(units * 32);
  let fuelSum = 0n;
  for (let at = 0; at < units; at++) {
    const failure = failures.get(at);
    const blob = blobs.get(at);
    const output = Buffer.from(report.outputs[at] ?? '', 'base64');
    demand(
      output.length === 0 || (failure === undefined && blob === undefined),
      `Unit ${at} has an output inline and is also listed as failed or as a blob.`,
    );
    demand(
      output.length <= limits.inlineOutputBytesMax,
      `The output of unit ${at} is too long to be inline.`,
    );
    demand(
      (blob?.bytes ?? output.length) <= outputBytesMax,
      `The output of unit ${at} is longer than the job allows.`,
    );
    demand(
      failure === undefined || isFailure(failure),
      `Unit ${at} failed without an exit code other than 0, and without a trap.`,
    );
    if (blob !== undefined) {
      demand(blobSizes.get(blob.sha256) === blob.bytes, `The output of unit ${at} was not uploaded.`);
      // One output has one identity, so it cannot be left to the terminal how it is sent.
      demand(blob.bytes > limits.inlineOutputBytesMax, `The output of unit ${at} is short: send it inline.`);
    }
    demand((report.fuels[at] ?? 0) <= fuelMax, `Unit ${at} has more fuel than fits into the job's time.`);
    const isTrap = failure?.trap !== undefined;
    const fuel = isTrap ? 0 : (report.fuels[at] ?? 0);
    const end = { exitCode: failure?.exitCode ?? 0, trap: failure?.trap, fuel };
    digests.set(resultIdentity(job.identity, assignment.firstUnit + at, end, blob ?? output), at * 32);
    packed.push({ fuel, output });
    fuelSum += BigInt(fuel);
  }
  const returnCause = returnCauseOf(report.restCause);
  return {
    assignmentId: assignment.id,
    terminalNumber: assignment.terminalNumber,
    units,
    fuel: fuelSum,
    digests,
    outputs: packRun(packed),
    blobs: [...blobs.values()] satisfies OutputBlob[],
    failures: [...failures.values()].map(toFailedUnit),
    isUnitAtFault: units < assignment.units && causesOfUnit.some((cause) => cause === report.restCause),
    ...(units < assignment.units && returnCause !== undefined ? { returnCause } : {}),
  };
}

/** A report that returns the whole run. */
export function returnAll(
  assignmentId: bigint,
  terminalNumber: bigint,
  returnCause: ReturnCause,
): CheckedReport {
  const nothing = Buffer.alloc(0);
  const empty = { units: 0, fuel: 0n, digests: nothing, outputs: nothing, blobs: [], failures: [] };
  return { assignmentId, terminalNumber, ...empty, isUnitAtFault: false, returnCause };
}

type ReportedFailure = NonNullable<ReportText['failures']>[number];

function isFailure({ exitCode, trap }: ReportedFailure): boolean {
  return (
    trap !== undefined ||
    (exitCode !== undefined && exitCode !== 0 && Number.isInteger(exitCode) && Math.abs(exitCode) < 2 ** 31)
  );
}

function toFailedUnit({ at, exitCode, trap, stderr }: ReportedFailure): FailedUnit {
  // NUL is the one character that the database's JSON cannot hold.
  const log = Buffer.from(stderr ?? '', 'base64')
    .subarray(-limits.stderrBytesMax)
    .toString('utf8')
    .replaceAll('\0', '\uFFFD');
  return {
    at,
    ...(trap === undefined ? { exitCode: exitCode ?? 0 } : { trap }),
    ...(log === '' ? {} : { stderr: log }),
  };
}

function demand(isTrue: boolean, sentence: string): void {
  if (!isTrue) {
    throw new ReportRefused(sentence);
  }
}
