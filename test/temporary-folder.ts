import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that is gone at the end of the test. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/**
 * Makes an empty folder. Other accounts may pass through it: started as root, PostgreSQL runs as another one, and would
 * otherwise have to keep its data elsewhere.
 */
export async function temporaryFolder(name: string): Promise<TemporaryFolder> {
  const scratch = process.env.TAIKA_TEST_SCRATCH;
  if (scratch !== undefined) await chmod(scratch, 0o711);
  const path = await mkdtemp(join(scratch ?? tmpdir(), `${name}-`));
  await chmod(path, 0o711);
  return {
    path,
    async [Symbol.asyncDispose]() {
      const elsewhere = await readFile(join(path, 'postgres', 'LOCATION'), 'utf8').catch(() => undefined);
      for (const each of [path, elsewhere?.trim()])
        if (each !== undefined) await rm(each, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
