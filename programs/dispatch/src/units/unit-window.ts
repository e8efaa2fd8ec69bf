/** Consecutive units that this replica may hand out, with where their input lies. */
export interface UnitWindow {
  /** The row that stands for it in the database. */
  readonly blockId: bigint;
  readonly jobNumber: bigint;
  readonly firstUnit: number;
  readonly offsets: Float64Array;
  readonly lengths: Float64Array;
  /** Somebody else goes first: this terminal could not finish the first unit. */
  readonly returnedBy: bigint | undefined;
  /** Members who had units of it before, of a job with a trust level: they get it no more. */
  readonly formerMembers: ReadonlySet<bigint>;
  /** When it was taken, on the monotonic clock. */
  readonly takenAtMs: number;
  /** The input's bytes of the whole window, where they are few. */
  readonly bytes: Uint8Array | undefined;
  /** Units handed out so far, from the front. */
  handedOut: number;
  /** Of these, units whose assignments are in the database. The window's row goes only when all are. */
  claimed: number;
}

/** Consecutive units cut from a window for one terminal. */
export interface UnitRun {
  readonly window: UnitWindow;
  readonly jobNumber: bigint;
  readonly firstUnit: number;
  readonly units: number;
  /** Place of the first unit's input, and each unit's length. */
  readonly offset: number;
  readonly lengths: readonly number[];
  /** Bytes before each unit that belong to none: 0 before the first. */
  readonly gaps: readonly number[];
}

/** Units of a window that are still there. */
export function unitsLeft({ lengths, handedOut }: UnitWindow): number {
  return lengths.length - handedOut;
}

/** Bytes between two units of a run, which travel for nothing: enough for a comma, or for a file's header in an archive. */
const gapBytesMax = 1_024;

/** Cuts at most `unitsMax` units and `bytesMax` bytes, but at least one unit, from the front. The window must not be used up. */
export function cutRun(
  window: UnitWindow,
  { unitsMax, bytesMax }: { readonly unitsMax: number; readonly bytesMax: number },
): UnitRun {
  const start = window.handedOut;
  const lengths: number[] = [];
  const gaps: number[] = [];
  const offset = window.offsets[start] ?? 0;
  let bytes = 0;
  for (let index = start; index < window.lengths.length && lengths.length < unitsMax; index++) {
    const length = window.lengths[index] ?? 0;
    const gap = (window.offsets[index] ?? 0) - offset - bytes;
    if (lengths.length > 0 && (bytes + gap + length > bytesMax || gap < 0 || gap > gapBytesMax)) {
      break;
    }
    lengths.push(length);
    gaps.push(gap);
    bytes += gap + length;
  }
  window.handedOut += lengths.length;
  return {
    window,
    jobNumber: window.jobNumber,
    firstUnit: window.firstUnit + start,
    units: lengths.length,
    offset,
    lengths,
    gaps,
  };
}
