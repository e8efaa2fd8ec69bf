import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ApiError } from '@taika/http/api-error';
import type { Blobs } from '../../src/blobs/blobs.ts';

/** How every blob store must behave. `name` says which one it is. */
export function testBlobs(name: string, store: () => Blobs): void {
  const bytes = Buffer.from('Bytes that are kept under their digest.');
  const sha256 = sha256Of(bytes);
  const plenty = { bytesMax: 1 << 30 };

  test(`${name}: what was stored is read whole, in ranges and by its address`, async () => {
    const blobs = store();
    assert.equal(await blobs.size(sha256), undefined);
    assert.deepEqual(await blobs.put(pieces(bytes, 7), { ...plenty, sha256 }), { sha256, bytes: 39 });
    assert.deepEqual(await blobs.put(pieces(bytes, 39), plenty), { sha256, bytes: 39 });
    assert.equal(await blobs.size(sha256), 39);
    assert.deepEqual(await collect(await blobs.open(sha256)), bytes);
    assert.equal(String(await collect(await blobs.open(sha256, { offset: 6, length: 4 }))), 'that');
    assert.equal(String(await collect(await blobs.open(sha256, { offset: 6, length: 0 }))), '');
    assert.equal(String(await blobs.read(sha256, { offset: 32, length: 7 })), 'digest.');
    assert.equal(String(await blobs.read(sha256, { offset: 0, length: 0 })), '');
    assert.match(await blobs.urlOf(sha256, new Date(Date.now() + 60_000)), new RegExp(sha256));
  });

  test(`${name}: nothing is a blob too`, async () => {
    const empty = sha256Of(Buffer.alloc(0));
    assert.deepEqual(await store().put(pieces(Buffer.alloc(0), 1), plenty), { sha256: empty, bytes: 0 });
    assert.equal(await store().size(empty), 0);
    assert.equal((await collect(await store().open(empty))).length, 0);
  });

  test(`${name}: a blob of many pieces is the same afterwards`, async () => {
    const large = Buffer.alloc(20 * 1024 * 1024 + 17, 'taika');
    const stored = await store().put(pieces(large, 300_000), plenty);
    assert.equal(stored.bytes, large.length);
    assert.equal(stored.sha256, sha256Of(large));
    const tail = await store().read(stored.sha256, { offset: large.length - 5, length: 5 });
    assert.deepEqual(tail, large.subarray(-5));
    assert.deepEqual(await collect(await store().open(stored.sha256)), large);
  });

  test(`${name}: other bytes than promised, too many, and a broken source store nothing`, async () => {
    const other = Buffer.from('other bytes');
    const promised = sha256Of(Buffer.from('promised'));
    await refused(store().put(pieces(other, 3), { ...plenty, sha256: promised }), 'digest-mismatch');
    await refused(store().put(pieces(other, 3), { bytesMax: 5 }), 'too-large');
    const broken = async function* () {
      yield other;
      throw new Error('The line is broken.');
    };
    await assert.rejects(store().put(broken(), plenty), /The line is broken/);
    assert.equal(await store().size(promised), undefined);
    assert.equal(await store().size(sha256Of(other)), undefined);
  });

  test(`${name}: what is not there, or shorter, is not found`, async () => {
    const missing = sha256Of(Buffer.from('never stored'));
    await refused(store().open(missing), 'not-found');
    await refused(store().read(missing, { offset: 0, length: 1 }), 'not-found');
    await store().put(pieces(bytes, 39), plenty);
    await refused(store().read(sha256, { offset: 30, length: 10 }), 'not-found');
  });

  test(`${name}: a blob that was removed is not there, and may be removed again`, async () => {
    await store().put(pieces(bytes, 39), plenty);
    await store().remove(sha256);
    await store().remove(sha256);
    assert.equal(await store().size(sha256), undefined);
  });

  test(`${name}: parts of one upload are apart from those of others, and replace one another`, async () => {
    const { parts } = store();
    assert.deepEqual(await parts.list('one'), []);
    await parts.put('one', 1, pieces(Buffer.from('world'), 2), 100);
    assert.deepEqual(await parts.put('one', 0, pieces(Buffer.from('wrong'), 2), 100), { part: 0, bytes: 5 });
    await parts.put('one', 0, pieces(Buffer.from('hello '), 2), 100);
    await parts.put('two', 0, pieces(Buffer.from('another'), 2), 100);
    await refused(parts.put('one', 2, pieces(Buffer.from('too long'), 2), 3), 'too-large');
    assert.deepEqual(await parts.list('one'), [
      { part: 0, bytes: 6 },
      { part: 1, bytes: 5 },
    ]);
    assert.equal(String(await collect(parts.open('one', 2))), 'hello world');
    await refused(collect(parts.open('one', 3)), 'not-found');
    await parts.removeOlderThan(new Date(Date.now() - 3_600_000));
    assert.equal((await parts.list('two')).length, 1);
    await parts.remove('one');
    assert.deepEqual(await parts.list('one'), []);
    await parts.removeOlderThan(new Date(Date.now() + 3_600_000));
    assert.deepEqual(await parts.list('two'), []);
  });
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(source));
}

export async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function refused(call: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(call, (error) => error instanceof ApiError && error.code === code);
}
