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

/** A command as it is stored: canonical text, and its SHA-256. */
export type CanonicalBody = Readonly<{ body: string; bodyHash: Buffer }>;

/** The text that is stored, hashed and compared: the event and the command as canonical JSON, amounts as decimal strings. */
export function canonicalBody({ event, command }: Pick<CommandHeader, 'event' | 'command'>): CanonicalBody {
  const body = canonicalJson({ command, event });
  return { body, bodyHash: Buffer.from(sha256Sync(body)) };
}
