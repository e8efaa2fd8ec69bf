import type { MergeText } from '@taika/protocol/dispatch/jobs';
import { createCsvMerger } from './merge-csv.ts';
import { createJsonMerger } from './merge-json.ts';
import { createLineMerger } from './merge-lines.ts';
import { createPartsMerger } from './merge-parts.ts';
import { createSumMerger } from './merge-sum.ts';
import { createZipMerger } from './merge-zip.ts';
import { bytesOfOutput, type Merger, type UnitOutput } from './merger.ts';

/** What a merge may need to know of the job beside its outputs. */
export interface MergedJob {
  readonly unitCount: number;
  /** The units' names, in order, where the split gave them names. */
  readonly names?: AsyncIterable<string> | Iterable<string>;
}

/**
 * The job's result from its units' outputs, which must come in the order of the input. Streams: holds one chunk, and for
 * some merges a header or a few numbers a unit. Throws `MergeError` out of the iteration.
 */
export async function* mergeOutputs(
  merge: MergeText,
  outputs: AsyncIterable<UnitOutput> | Iterable<UnitOutput>,
  job: MergedJob,
): AsyncGenerator<Uint8Array> {
  const merger = createMerger(merge, job);
  for await (const output of outputs) {
    if (merger.beginOutput !== undefined) {
      yield* await merger.beginOutput(output);
    }
    for await (const chunk of bytesOfOutput(output)) {
      yield* merger.push(chunk);
    }
    yield* merger.endOutput();
  }
  if (merger.end !== undefined) {
    yield* merger.end();
  }
}

function createMerger(merge: MergeText, job: MergedJob): Merger {
  switch (merge.by) {
    case 'concat':
      return { push: (chunk) => (chunk.length > 0 ? [chunk] : []), endOutput: () => [] };
    case 'lines':
    case 'ndjson':
      return createLineMerger();
    case 'csv':
      return createCsvMerger();
    case 'json':
      return createJsonMerger();
    case 'zip':
      return createZipMerger(merge, job);
    case 'sum':
      return createSumMerger();
    case 'parts':
      return createPartsMerger();
    case 'program':
      throw new Error('A merge by a program is a phase of its own.');
  }
}
