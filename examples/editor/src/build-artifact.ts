import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PublicJwk } from '@taika/crypto/keys';
import { build } from 'esbuild';
import { readPageFiles } from './read-page-files.ts';

/** A file that a vendor hands out (steps 202, 502). */
export interface Artifact {
  readonly file: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
}

export interface BuildEditorOptions {
  readonly outFile: string;
  /** The vendor's key; the built editor believes no other. */
  readonly vendorKey: PublicJwk;
  /** The built editor believes no earlier time. Default: when its source last changed, so that a repeated build is the same file. */
  readonly builtAt?: Date;
}

const notice = '// The Taika sample editor, Apache-2.0. Contains jose and marked, both MIT-licensed.';

/** Makes the editor one file that runs with plain Node 26 and nothing beside it, for one vendor. */
export async function buildEditorArtifact({
  outFile,
  vendorKey,
  builtAt = sourceChangedAt(),
}: BuildEditorOptions): Promise<Artifact> {
  await build({
    entryPoints: [join(import.meta.dirname, 'main.ts')],
    outfile: outFile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    banner: { js: `#!/usr/bin/env node\n${notice}` },
    define: {
      EDITOR_VENDOR_KEY: JSON.stringify(vendorKey.x),
      EDITOR_IS_BUILT: 'true',
      EDITOR_BUILT_AT: JSON.stringify(builtAt.toISOString()),
      EDITOR_PAGE: JSON.stringify(readPageFiles(join(import.meta.dirname, '..', 'page'))),
    },
    logLevel: 'silent',
  });
  const content = await readFile(outFile);
  return { file: outFile, sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length };
}

function sourceChangedAt(): Date {
  const files = readdirSync(import.meta.dirname).map((name) => join(import.meta.dirname, name));
  return new Date(Math.max(...files.map((file) => Math.floor(statSync(file).mtimeMs))));
}
