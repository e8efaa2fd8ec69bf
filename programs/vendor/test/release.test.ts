import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sha256HexSync } from '@taika/crypto/node-digest';
import { verifyToken } from '@taika/crypto/token';
import { RemoteError } from '@taika/http/call';
import { tokenTypes } from '@taika/protocol/tokens';
import {
  download,
  publishRelease,
  readLatestRelease,
  uploadReleaseFile,
} from '@taika/protocol/vendor/catalogue';
import { type Fixture, startFixture } from './fixture.ts';

let fixture: Fixture;
before(async () => {
  fixture = await startFixture();
  await fixture.addProduct('editor');
});
after(() => fixture[Symbol.asyncDispose]());

const bytes = Buffer.from('0123456789'.repeat(100_000));
const sha256 = sha256HexSync(bytes);
const file = {
  name: 'editor.mjs',
  role: 'application' as const,
  sha256,
  bytes: bytes.length,
  start: 'node editor.mjs',
};
const upload = (digest: string, body: Buffer) =>
  fixture.operator.open(uploadReleaseFile, { params: { sha256: digest }, bytes: new Uint8Array(body) });
const publish = (version: string, files = [file]) =>
  fixture.operator.call(publishRelease, { params: { product: 'editor', version }, body: { files } });
const get = (headers: Record<string, string> = {}) =>
  fetch(`${fixture.vendor.url}/v1/downloads/${sha256}`, { headers });
const refusedWith = (code: string) => (error: unknown) => error instanceof RemoteError && error.code === code;

test('a product without a release says so', async () => {
  await assert.rejects(
    fixture.anybody.call(readLatestRelease, { params: { product: 'editor' } }),
    refusedWith('not-found'),
  );
  await assert.rejects(publish('0.9.0'), refusedWith('not-found'));
});

test('what is uploaded must hash to its name, and leaves nothing otherwise', async () => {
  await assert.rejects(upload(sha256, Buffer.from('other bytes')), refusedWith('digest-mismatch'));
  const folder = join(fixture.vendor.context.filesDirectory, sha256.slice(0, 2));
  assert.deepEqual(await readdir(folder), []);
  assert.deepEqual(await (await upload(sha256, bytes)).json(), { sha256, bytes: bytes.length });
  assert.deepEqual(await (await upload(sha256, bytes)).json(), { sha256, bytes: bytes.length });
});

test('a file is not served before a release has it', async () => {
  assert.equal((await get()).status, 404);
});

test('steps 201 and 202: the newest release names its files, signed, and they can be had whole or in parts', async () => {
  await publish('1.0.0');
  const release = await fixture.anybody.call(readLatestRelease, { params: { product: 'editor' } });
  assert.equal(release.version, '1.0.0');
  assert.deepEqual(release.files, [file]);
  const manifest = await verifyToken(release.manifest, {
    type: tokenTypes.releaseManifest,
    keys: fixture.vendor.identity.key.publicKey,
    now: fixture.clock.now(),
    expiry: 'optional',
  });
  const { start: _start, ...signed } = file;
  assert.deepEqual([manifest.product, manifest.version, manifest.files], ['editor', '1.0.0', [signed]]);

  const response = await fixture.anybody.open(download, { params: { sha256 } });
  assert.equal(sha256HexSync(new Uint8Array(await response.arrayBuffer())), sha256);
  assert.equal(response.headers.get('etag'), `"${sha256}"`);

  const part = await get({ range: 'bytes=10-19' });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get('content-range'), `bytes 10-19/${bytes.length}`);
  assert.equal(await part.text(), '0123456789');
  assert.equal((await get({ range: 'bytes=99999999-' })).status, 416);
  assert.equal((await get({ 'if-none-match': `"${sha256}"` })).status, 304);
  assert.equal((await get({ range: 'bytes=0-1', 'if-range': '"another"' })).status, 200);
});

test('a published version never changes', async () => {
  assert.equal((await publish('1.0.0')).version, '1.0.0');
  await assert.rejects(publish('1.0.0', [{ ...file, name: 'other.mjs' }]), refusedWith('conflict'));
  await assert.rejects(
    fixture.database.sql`update release set manifest = 'another' where version = '1.0.0'`,
    /never changes/,
  );
});

test('a release names files as they are', async () => {
  await assert.rejects(publish('1.1.0', [{ ...file, bytes: 5 }]), refusedWith('bad-request'));
  await assert.rejects(publish('1.1.0', [file, file]), refusedWith('bad-request'));
  await assert.rejects(
    fixture.anybody.call(readLatestRelease, { params: { product: 'nothing' } }),
    refusedWith('not-found'),
  );
});
