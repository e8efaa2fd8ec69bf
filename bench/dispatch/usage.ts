import { readdir, readFile } from 'node:fs/promises';
import type { Sql } from '@taika/database/connect';
import type { BenchGrid } from './grid.ts';

/** What was used since the processes began. Processor time in seconds. */
export interface Usage {
  readonly server: number;
  readonly postgres: number;
  readonly generator: number;
  readonly commits: number;
  readonly walBytes: number;
  readonly walSyncs: number;
}

/** Reads it, from Linux's `/proc` and PostgreSQL's own counters. */
export async function readUsage({ server, sql, postmasterPid }: BenchGrid): Promise<Usage> {
  const { user, system } = process.cpuUsage();
  const [ours, postgres, counters] = await Promise.all([
    cpuSecondsOf(server.child.pid ?? 0),
    treeCpuSeconds(postmasterPid),
    readCounters(sql),
  ]);
  return { server: ours, postgres, generator: (user + system) / 1e6, ...counters };
}

/** The difference of two readings. */
export function usedBetween(before: Usage, after: Usage): Usage {
  return {
    server: after.server - before.server,
    postgres: after.postgres - before.postgres,
    generator: after.generator - before.generator,
    commits: after.commits - before.commits,
    walBytes: after.walBytes - before.walBytes,
    walSyncs: after.walSyncs - before.walSyncs,
  };
}

async function readCounters(sql: Sql): Promise<Pick<Usage, 'commits' | 'walBytes' | 'walSyncs'>> {
  const [row] = await sql<{ commits: number; walBytes: number; walSyncs: number }[]>`
    select
      (select sum(xact_commit)::float8 from pg_stat_database) as commits,
      (pg_current_wal_insert_lsn() - '0/0')::float8 as wal_bytes,
      (select sum(fsyncs)::float8 from pg_stat_io where object = 'wal') as wal_syncs
  `;
  if (row === undefined) {
    throw new Error('PostgreSQL has no counters.');
  }
  return row;
}

/** A process and its children, those included that have ended and were waited for. */
async function treeCpuSeconds(pid: number): Promise<number> {
  let sum = 0;
  for (const name of await readdir('/proc')) {
    const found = /^\d+$/.test(name) ? await readStat(name) : undefined;
    if (found !== undefined && (found.pid === pid || found.parent === pid)) {
      sum += found.seconds + found.endedChildrenSeconds;
    }
  }
  return sum;
}

async function cpuSecondsOf(pid: number): Promise<number> {
  return (await readStat(String(pid)))?.seconds ?? 0;
}

/** Linux counts processor time in hundredths of a second for every program. */
const ticksPerSecond = 100;

async function readStat(name: string) {
  try {
    const text = await readFile(`/proc/${name}/stat`, 'utf8');
    // The program's name, in parentheses, may hold spaces.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const ticks = (first: number) => ((fields[first] ?? 0) + (fields[first + 1] ?? 0)) / ticksPerSecond;
    return { pid: Number(name), parent: fields[1] ?? 0, seconds: ticks(11), endedChildrenSeconds: ticks(13) };
  } catch {
    // It has ended.
    return undefined;
  }
}
