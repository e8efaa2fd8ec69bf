import { type CanonicalValue, canonicalJson } from '@taika/crypto/canonical-json';
import { sha256Sync } from '@taika/crypto/node-digest';

/** What every command of the ledger carries. */
export type CommandHeader = Readonly<{
  /** Derived from the logical event: `unit-final:…`, `job:…`, `license-month:…`, `order:…:capture`. */
  idempotencyKey: string;
  /** Name of the event in docs/LEDGER.md, for statements. */
  event: string;
  /**
   * What the caller was asked to do, complete: a repetition with another body is a conflict. Nothing belongs here that a
   * retry would compute anew, such as the present time or a balance that was read.
   */
  command: CanonicalValue;
  /** When the event happened, by the server's clock. Not part of the body, so a retry may be later. */
  at: Date;
}>;

/** What the ledger itself was asked beyond the header: the kind of command, the amount to hold, the hold to resolve. */
export type CommandTerms = Readonly<{
  kind: 'post' | 'hold' | 'resolve';
  amount?: bigint;
  commodity?: string;
  holdId?: bigint;
  journalId?: bigint;
}>;

/** A command as it is stored: canonical text, and its SHA-256. */
export type CanonicalBody = Readonly<{ body: string; bodyHash: Buffer }>;

/**
 * The text that is stored, hashed and compared: canonical JSON, amounts as decimal strings. Postings are not in it: they
 * follow from the event, and a retry after a change of rate or month must get the first answer, not a conflict.
 */
export function canonicalBody(
  { event, command }: Pick<CommandHeader, 'event' | 'command'>,
  terms: CommandTerms,
): CanonicalBody {
  const body = canonicalJson({ command, event, ...terms });
  return { body, bodyHash: Buffer.from(sha256Sync(body)) };
}
