import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import type { Blobs } from '../src/blobs/blobs.ts';
import { openDirectoryBlobs } from '../src/blobs/directory-blobs.ts';
import { testBlobs } from './support/blob-conformance.ts';

let directory: string;
let blobs: Blobs;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'taika-blobs-'));
  blobs = await openDirectoryBlobs(directory, (sha256) => `http://server.example/${sha256}`);
});
after(() => rm(directory, { recursive: true, force: true }));

testBlobs('a directory', () => blobs);
