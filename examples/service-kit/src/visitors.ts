import { randomBytes } from 'node:crypto';

/** Somebody at the service's pages, by a cookie. */
export interface Visitor<Notes> {
  id: string;
  /** Present while the member is signed in. */
  member: SignedIn | undefined;
  /** What the service remembers: a basket, the uses so far. */
  notes: Notes;
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
  /**
   * Signs a visitor in under a new id: who planted or read the cookie of before has nothing of it. What a visitor without
   * a name chose is kept; what a member left is not for the next one.
   */
  signIn(visitor: Visitor<Notes>, member: SignedIn): void;
  /** Signs a visitor out, and forgets what they did. */
  signOut(visitor: Visitor<Notes>): void;
}

const idleMsMax = 12 * 3_600_000;
const visitorsMax = 10_000;

/** Creates an empty set of visitors. */
export function createVisitors<Notes>(createNotes: () => Notes, nowMs: () => number): Visitors<Notes> {
  const visitors = new Map<string, Visitor<Notes>>();
  const become = (visitor: Visitor<Notes>, member: SignedIn | undefined) => {
    visitors.delete(visitor.id);
    visitor.notes = visitor.member === undefined ? visitor.notes : createNotes();
    visitor.member = member;
    visitor.id = newVisitorId();
    visitors.set(visitor.id, visitor);
  };
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
      const id = newVisitorId();
      const visitor = { id, member: undefined, notes: createNotes(), seenAtMs: nowMs() };
      const oldest = visitors.size >= visitorsMax ? visitors.keys().next().value : undefined;
      if (oldest !== undefined) {
        visitors.delete(oldest);
      }
      visitors.set(id, visitor);
      return visitor;
    },
    signIn: become,
    signOut: (visitor) => become(visitor, undefined),
  };
}

function newVisitorId(): string {
  return randomBytes(24).toString('base64url');
}
