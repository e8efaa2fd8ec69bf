import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Blobs } from '../src/blobs/blobs.ts';
import { openS3Blobs } from '../src/blobs/s3-blobs.ts';
import { openS3Store, readS3Url } from '../src/blobs/s3-store.ts';
import { pieces, testBlobs } from './support/blob-conformance.ts';
import { createGrid, reportOf } from './support/grid.ts';
import { type S3Server, s3Credentials, startS3Server } from './support/s3-server.ts';
import { startTestDispatch } from './support/test-dispatch.ts';

let server: S3Server;
let spool: string;
let blobs: Blobs;
before(async () => {
  process.env.AWS_ACCESS_KEY_ID = s3Credentials.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = s3Credentials.secretAccessKey;
  server = await startS3Server();
  spool = await mkdtemp(join(tmpdir(), 'taika-spool-'));
  blobs = await openS3Blobs(openS3Store(place()), spool);
});
after(async () => {
  await server?.[Symbol.asyncDispose]();
  await rm(spool, { recursive: true, force: true });
});

const place = () => readS3Url('s3://bucket/some/prefix', { endpoint: server.url, region: 'us-east-1' });

testBlobs('an object store', () => blobs);

test('an address of the store gives ranges to whoever has it, until it is over or changed', async () => {
  const { sha256 } = await blobs.put(pieces(Buffer.from('read by a terminal'), 5), { bytesMax: 100 });
  const url = await blobs.urlOf(sha256, new Date(Date.now() + 60_000));
  const part = await fetch(url, { headers: { range: 'bytes=5-6' } });
  assert.equal(part.status, 206);
  assert.equal(await part.text(), 'by');
  assert.equal((await fetch(url.replace(sha256, sha256.replace(/./, '0')))).status, 403);
  assert.equal((await fetch(url.replace(/Expires=\d+/, 'Expires=9999'))).status, 403);
  assert.deepEqual(await readdir(spool), []);
});

test('a wrong key is refused by the store, and nothing is left', async () => {
  const before = server.refused.length;
  process.env.AWS_SECRET_ACCESS_KEY = 'wrong';
  const stranger = await openS3Blobs(openS3Store(place()), spool);
  await assert.rejects(stranger.put(pieces(Buffer.from('x'), 1), { bytesMax: 10 }), {
    name: /Signature|403|Unknown/,
  });
  process.env.AWS_SECRET_ACCESS_KEY = s3Credentials.secretAccessKey;
  assert.equal(server.refused.length, before + 1);
});

test('a whole job runs with its blobs in the store: terminals fetch ranges from it', async () => {
  await using dispatch = await startTestDispatch({
    blobs: 's3://bucket/jobs',
    blobsEndpoint: server.url,
  });
  const grid = await createGrid(dispatch.url, dispatch.operatorKey);
  const worker = await grid.terminal();
  const line = `${'a long line '.repeat(40_000)}\n`;
  const jobId = await grid.submit(line + line, {
    split: { by: 'lines', records: 1 },
    merge: { by: 'lines' },
  });
  await grid.reach(jobId, 'running');
  const [assignment] = await worker.take({ unitsMax: 1 });
  assert.ok(assignment?.input.kind === 'range');
  assert.ok(assignment.input.url.startsWith(`${server.url}/bucket/jobs/blobs/`));
  await worker.cycle({ reports: [await reportOf(assignment, () => 'short\n')], unitsMax: 0 });
  await worker.workUntil(
    async () => (await grid.read(jobId)).state === 'done',
    () => 'short\n',
  );
  assert.equal(await grid.result(jobId), 'short\nshort\n');
  assert.ok([...server.objects.keys()].some((key) => key.startsWith('jobs/blobs/')));
});
