import { randomBytes } from 'node:crypto';

/** Somebody at the service's pages, by a cookie. */
export interface Visitor<Notes> {
  readonly id: string;
  /** Present while the member is signed in. */
  member: SignedIn | undefined;
  /** What the service remembers: a basket, the uses so far. */
  readonly notes: Notes;
  seenAtMs: number;
}

/** What the vendor server said at sign-in (step 604). The session never reaches the browser. */
export interface SignedIn {
  readonly session: string;
  readonly name: string;
  readonly keyHint: string;
}

/** Visitors in memory: a sample service has one process and forgets them when it stops. */
export interface Visitors<Notes> {
  find(id: string | undefined): Visitor<Notes> | undefined;
  create(): Visitor<Notes>;
}

const idleMsMax = 12 * 3_600_000;
const visitorsMax = 10_000;

/** Creates an empty set of visitors. */
export function createVisitors<Notes>(createNotes: () => Notes, nowMs: () => number): Visitors<Notes> {
  const visitors = new Map<string, Visitor<Notes>>();
  return {
    find(id = '') {
      const visitor = visitors.get(id);
      if (visitor === undefined || nowMs() - visitor.seenAtMs > idleMsMax) {
        visitors.delete(id);
        return undefined;
      }
      visitor.seenAtMs = nowMs();
      return visitor;
    },
    create() {
      const id = randomBytes(24).toString('base64url');
      const visitor = { id, member: undefined, notes: createNotes(), seenAtMs: nowMs() };
      const oldest = visitors.size >= visitorsMax ? visitors.keys().next().value : undefined;
      if (oldest !== undefined) {
        visitors.delete(oldest);
      }
      visitors.set(id, visitor);
      return visitor;
    },
  };
}
