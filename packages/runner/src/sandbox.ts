import type { UnitOutcome } from '@taika/wasm/outcome';
import type { JobEnvironment, UnitInput, UnitLimits } from '@taika/wasm/unit';

/**
 * A warm, contained runner for one program of one job: a separate process, at the lowest priority by default, without
 * network, files, keys or environment, with one worker a core. Close it with `await using`.
 * The agent, `taika local`, `taika quote` and the reference executor all use this one interface.
 */
export interface Sandbox extends AsyncDisposable {
  /** How strongly the runner is held: 0 nothing, 1 Node permissions, 2 resource limits too, 3 bubblewrap too. */
  readonly level: 0 | 1 | 2 | 3;
  /**
   * Runs units on up to `parallel` workers and yields each outcome as it ends, in any order.
   * A unit over its time or memory is *returned*; a runner that dies returns what it held and is started anew.
   * Aborting ends the running units as `returned: cancelled` within 100 ms.
   */
  run(units: Iterable<UnitInput> | AsyncIterable<UnitInput>, signal?: AbortSignal): AsyncIterable<UnitRun>;
  /**
   * What programs see of their job from the next run on: another round of the same program needs no new process. Throws
   * while a run is under way, and for another program.
   */
  renew(job: JobEnvironment): void;
}

export interface UnitRun {
  readonly index: number;
  readonly outcome: UnitOutcome;
  /** Time on this machine. For display and scheduling only: never paid, never part of a result. */
  readonly durationMs: number;
}

export interface SandboxOptions {
  /** A program already rewritten by packages/wasm; it is run unchanged, once `admitArtefact` has let it pass. */
  readonly artefact: Uint8Array;
  readonly job: JobEnvironment;
  readonly limits: UnitLimits;
  /** Workers, at least 1. */
  readonly parallel: number;
  /** The strongest level that is tried; the level reached is `Sandbox.level`. Default 3. */
  readonly levelMax?: 0 | 1 | 2 | 3;
  /**
   * `lowest`: behind everything else on the machine, as a guest's must be. `ordinary`: like any other program, where
   * somebody waits for it or the machine has nothing else to do. Default `lowest`.
   */
  readonly priority?: SandboxPriority;
}

export type SandboxPriority = 'lowest' | 'ordinary';

/** Opens a sandbox; the implementation for Node is `openSandbox` in open-sandbox.ts. */
export type OpenSandbox = (options: SandboxOptions) => Promise<Sandbox>;
