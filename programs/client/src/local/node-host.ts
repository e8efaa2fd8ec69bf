import { openSandbox } from '@taika/runner/open-sandbox';
import { openedSource, partOf } from '../job/blob-source.ts';
import { spool } from '../job/spool.ts';
import type { LocalHost } from './local-host.ts';

/** Units in a process without rights, results in files without names. */
export const nodeHost: LocalHost = {
  openSandbox,
  keep: async (merged) => openedSource(await spool(merged), 'what a phase gave'),
  partOf,
};
