import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobId } from '@taika/protocol/schema';
import { cutInput, inputBytes } from './cut-input.ts';
import { DamagedError } from './fetch-bytes.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const common = { assignmentId: '1', jobId: 'job_1' as JobId, firstUnit: 7, deadlineMs: 1 };

test('each unit gets its bytes inside the frame, and bytes between units go to none', () => {
  const input = { kind: 'range' as const, url: '', offset: 3, lengths: [2, 1, 3], gaps: [0, 1, 2] };
  const assignment = { ...common, input };
  assert.equal(inputBytes(assignment), 9);
  const units = cutInput(assignment, bytesOf('ab,c..def'), { header: bytesOf('['), trailer: bytesOf(']') });
  assert.deepEqual(
    units.map(({ index, input }) => [index, new TextDecoder().decode(input)]),
    [
      [7, '[ab]'],
      [8, '[c]'],
      [9, '[def]'],
    ],
  );
});

test('bytes that do not add up are damaged', () => {
  const input = { kind: 'inline' as const, bytes: '', lengths: [2, 1] };
  const frame = { header: new Uint8Array(0), trailer: new Uint8Array(0) };
  assert.throws(() => cutInput({ ...common, input }, bytesOf('ab'), frame), DamagedError);
});
