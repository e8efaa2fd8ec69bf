import { join, resolve } from 'node:path';

/** Where `taika up` keeps what. Everything lies under one folder, so that deleting it leaves nothing. */
export interface Layout {
  readonly home: string;
  readonly postgres: string;
  readonly dispatch: string;
  readonly vendor: string;
  /** The reference executor's key and memory. */
  readonly reference: string;
  readonly logs: string;
  /** What `up` itself remembers between starts. */
  readonly state: string;
  /** Says which process is running on the folder. */
  readonly lock: string;
  readonly jobs: string;
  member(name: string): MemberLayout;
}

export interface MemberLayout {
  /** Where the member put what was downloaded. */
  readonly downloads: string;
  /** The agent's own home. */
  readonly agent: string;
  readonly documents: string;
}

export function layoutOf(directory: string): Layout {
  const home = resolve(directory);
  return {
    home,
    postgres: join(home, 'postgres'),
    dispatch: join(home, 'dispatch'),
    vendor: join(home, 'vendor'),
    reference: join(home, 'reference'),
    logs: join(home, 'logs'),
    state: join(home, 'up.json'),
    lock: join(home, 'up.lock'),
    jobs: join(home, 'jobs'),
    member: (name) => ({
      downloads: join(home, 'members', name, 'downloads'),
      agent: join(home, 'members', name, 'agent'),
      documents: join(home, 'members', name, 'documents'),
    }),
  };
}
