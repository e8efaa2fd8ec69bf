import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from './crc32.ts';
import { planSplit } from './plan-split.ts';
import { createZipWriter } from './zip-writer.ts';

const noProgram = async () => {
  throw new Error('This split runs no program.');
};

test('files whose outputs would have one name are refused at the split, before anything is computed', async () => {
  const split = (names: readonly string[], extension?: string) => splitArchive(names, extension);
  await assert.rejects(split(['a.md', 'b/a.md', 'a.png'], '.png'), {
    code: 'file-named-twice',
    reason: "The outputs of the input's files a.md and a.png would both be a.png in the merged archive.",
    remedy: 'Rename one of them, or leave merge.extension away.',
  });
  await assert.rejects(split(['a.md', 'a.md']), { code: 'file-named-twice' });
  assert.equal((await split(['a.md', 'b/a.md', 'a.png'])).length, 3);
  assert.equal((await split(['a.md', 'b/a.md', 'b.md'], '.png')).length, 3);
});

async function splitArchive(names: readonly string[], extension: string | undefined) {
  const writer = createZipWriter();
  const bytes = new TextEncoder().encode('x');
  const archive = Buffer.concat([
    ...names.flatMap((name) => [
      writer.begin({ name: new TextEncoder().encode(name), bytes: 1, crc32: crc32(bytes) }),
      bytes,
    ]),
    ...writer.end(),
  ]);
  const merge = { by: 'zip', ...(extension === undefined ? {} : { extension }) } as const;
  const spec = { split: { by: 'files' }, merge, program: '0'.repeat(64) } as never;
  const source = {
    bytes: archive.length,
    async open() {
      return (async function* () {
        yield archive;
      })();
    },
    read: async ({ offset, length }: { offset: number; length: number }) =>
      archive.subarray(offset, offset + length),
  };
  return Array.fromAsync(await planSplit(spec, source, noProgram));
}
