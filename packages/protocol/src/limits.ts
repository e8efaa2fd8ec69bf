/** Bounds that both sides of the wire keep. Larger input is refused with `too-large` and says which. */
export const limits = {
  /** Bytes of a JSON body. A cycle with 32 units of 64 KiB output fits. */
  jsonBodyBytesMax: 8 * 1024 * 1024,
  /** Bytes of one unit's output that travel inline; longer outputs are uploaded as blobs first. */
  inlineOutputBytesMax: 64 * 1024,
  /** Bytes of a run's input that travel inline in a cycle's reply; longer inputs are fetched by range. */
  inlineInputBytesMax: 256 * 1024,
  /** Bytes of stderr that a failed unit carries. */
  stderrBytesMax: 8 * 1024,
  /** Units in one assignment. */
  runUnitsMax: 256,
  /** Assignments reported in one cycle. */
  reportsMax: 64,
  /** Bytes of a program as uploaded. */
  programBytesMax: 64 * 1024 * 1024,
  /** Bytes of one blob. */
  blobBytesMax: 64 * 1024 ** 3,
  /** What a job may ask for each of its units, from the least to the most. */
  unit: {
    memoryMiB: { min: 1, max: 4_096 },
    outputBytes: { min: 1, max: 256 * 1024 ** 2 },
    timeMs: { min: 100, max: 24 * 3_600_000 },
  },
  /** How far from its submission a job's deadline may lie. */
  deadlineMs: { min: 1_000, max: 366 * 24 * 3_600_000 },
  /** Units of one job. */
  jobUnitsMax: 50_000_000,
  /** Files of one job beside its input. */
  jobFilesMax: 1_000,
  /** Arguments of one program of a job. */
  jobArgsMax: 100,
  /** Characters of a job's arguments and of its environment, each in all: they travel with its description. */
  jobTextMax: 64 * 1024,
  /** Copies of each unit that a job may ask for. */
  copiesMax: 5,
  /** Stages of one job. */
  stagesMax: 20,
  /** Rounds of one job. */
  roundsMax: 100_000,
} as const;
