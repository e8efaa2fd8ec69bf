/**
 * What running one unit of a program can come to. The three kinds differ in who may rely on them:
 * `completed` and `trapped` are deterministic, so honest terminals agree on them bit for bit and they are
 * *results*; `returned` says that this machine could not finish the unit, which differs between honest
 * machines, so it is never a result and the unit goes to another terminal.
 */
export type UnitOutcome = CompletedUnit | TrappedUnit | ReturnedUnit;

/** The program ended by itself: it returned from `_start` (exit code 0) or called `proc_exit`. */
export interface CompletedUnit {
  readonly kind: 'completed';
  /** 0 is success; any other exit code is a failed unit whose output is discarded, but still a result. */
  readonly exitCode: number;
  readonly output: Uint8Array;
  /** The log the program wrote, cut at `logBytesMax`. Not part of the result's identity. */
  readonly stderr: Uint8Array;
  /** Exact work by the cost table (packages/wasm/src/cost-table.ts). */
  readonly fuel: bigint;
  /** Size of the program's linear memory when it ended, in pages of 64 KiB. */
  readonly memoryPages: number;
}

/** The program broke a rule of WebAssembly or of the job at a point that is the same on every machine. */
export interface TrappedUnit {
  readonly kind: 'trapped';
  readonly trap: TrapKind;
  readonly stderr: Uint8Array;
}

export type TrapKind =
  | 'unreachable'
  | 'memory-out-of-bounds'
  | 'table-out-of-bounds'
  | 'division-by-zero'
  | 'integer-overflow'
  | 'invalid-conversion'
  | 'indirect-call'
  | 'output-limit'
  | 'fuel-limit';

/** This machine could not finish the unit. Nothing is claimed about the program. */
export interface ReturnedUnit {
  readonly kind: 'returned';
  readonly cause: ReturnCause;
}

export type ReturnCause = 'stack-exhausted' | 'time-limit' | 'host-memory' | 'runner-lost' | 'cancelled';
