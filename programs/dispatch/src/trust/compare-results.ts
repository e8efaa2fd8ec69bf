import type { Comparison } from '@taika/trust/event';
import { unpackRun } from '../results/packed-run.ts';

/** A result as far as it is compared. */
export interface ComparedResult {
  readonly units: number;
  /** Identities of its units, one after the other. */
  readonly digests: Uint8Array;
  readonly outputs: Uint8Array;
  readonly blobs: readonly { readonly at: number; readonly sha256: string }[] | null;
  readonly failures: readonly { readonly at: number }[] | null;
}

/** Compares a copy with the first units of a result: all of them, or those that the copy has. */
export function compareResults(author: ComparedResult, copy: ComparedResult): Comparison {
  if (differingUnits(author, copy).length === 0) {
    return 'equal';
  }
  const fuels = unpackRun(author.outputs, author.units);
  const isSameFuel = unpackRun(copy.outputs, copy.units).every(({ fuel }, at) => fuels[at]?.fuel === fuel);
  return isSameFuel ? 'other-bytes' : 'other-fuel';
}

/** Which units of a result a copy says otherwise about, by their place in the run: of those that the copy has. */
export function differingUnits(
  author: Pick<ComparedResult, 'digests'>,
  copy: Pick<ComparedResult, 'digests' | 'units'>,
): number[] {
  const digestOf = ({ digests }: Pick<ComparedResult, 'digests'>, at: number) =>
    digests.subarray(at * 32, (at + 1) * 32);
  return Array.from({ length: copy.units }, (_, at) => at).filter(
    (at) => Buffer.compare(digestOf(author, at), digestOf(copy, at)) !== 0,
  );
}

/** Of the units that both cover: whether any differs, and how many there are. */
export function compareOverlap(
  one: { readonly firstUnit: number; readonly units: number; readonly digests: Uint8Array },
  other: { readonly firstUnit: number; readonly units: number; readonly digests: Uint8Array },
): { readonly units: number; readonly differs: boolean } {
  const first = Math.max(one.firstUnit, other.firstUnit);
  const end = Math.min(one.firstUnit + one.units, other.firstUnit + other.units);
  const part = ({ firstUnit, digests }: typeof one) =>
    digests.subarray((first - firstUnit) * 32, (end - firstUnit) * 32);
  return { units: Math.max(0, end - first), differs: Buffer.compare(part(one), part(other)) !== 0 };
}
