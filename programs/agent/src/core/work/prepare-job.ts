import type { PublicJwk } from '@taika/crypto/keys';
import { TokenError, verifyToken } from '@taika/crypto/token';
import type { JobBriefText } from '@taika/protocol/dispatch/cycle';
import { tokenTypes } from '@taika/protocol/tokens';
import type { SandboxOptions } from '@taika/runner/sandbox';
import { costTableVersion } from '@taika/wasm/cost-table';
import type { Host } from '../host.ts';
import { DamagedError, fetchBytes } from './fetch-bytes.ts';

export interface PrepareJobOptions {
  readonly dispatchUrl: string;
  /** The key that signs rewritten programs, as it was learnt at the first contact. */
  readonly contractorKey: PublicJwk;
  readonly signal?: AbortSignal | undefined;
}

/** A job whose program and files are here and checked. */
export interface PreparedJob {
  readonly brief: JobBriefText;
  /** Put before and after each unit's bytes. */
  readonly header: Uint8Array;
  readonly trailer: Uint8Array;
  readonly sandbox: Omit<SandboxOptions, 'parallel'>;
}

/** Fetches a job's program and files. The program is run unchanged, and only if the contractor signed that it was admitted. */
export async function prepareJob(
  host: Host,
  brief: JobBriefText,
  { dispatchUrl, contractorKey, signal }: PrepareJobOptions,
): Promise<PreparedJob> {
  await checkSignature(host, brief, contractorKey);
  const fetch = ({ url, sha256, bytes }: { url: string; sha256: string; bytes: number }) =>
    fetchBytes(host, { url: new URL(url, dispatchUrl).href, sha256, bytes, signal });
  const [artefact, ...files] = await Promise.all([fetch(brief.artefact), ...brief.files.map(fetch)]);
  if (artefact === undefined) throw new Error('A job without a program.');
  const { programHash, round, unitCount, args, env, limits } = brief;
  return {
    brief,
    header: fromBase64(brief.header),
    trailer: fromBase64(brief.trailer ?? ''),
    sandbox: {
      artefact,
      limits,
      job: {
        programHash,
        seed: BigInt(brief.seed),
        round,
        unitCount,
        args,
        env,
        files: new Map(brief.files.map(({ name }, index) => [name, files[index] ?? new Uint8Array(0)])),
      },
    },
  };
}

/** Bytes from base64; throws a DamagedError for text that is none. */
export function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text);
  } catch (error) {
    throw new DamagedError('Base64 that is none.', { cause: error });
  }
}

async function checkSignature(
  host: Host,
  { programHash, artefact }: JobBriefText,
  keys: PublicJwk,
): Promise<void> {
  try {
    const claims = await verifyToken(artefact.signature, {
      type: tokenTypes.artefact,
      keys,
      now: host.clock.now(),
      expiry: 'optional',
    });
    const fits =
      claims.programHash === programHash &&
      claims.sha256 === artefact.sha256 &&
      claims.kind === artefact.kind;
    if (!fits) throw new DamagedError('The signature is about another program.');
    if (claims.costTable !== costTableVersion) {
      throw new DamagedError(
        'The program counts by a cost table that this agent does not know: update the agent.',
      );
    }
  } catch (error) {
    if (error instanceof TokenError)
      throw new DamagedError('The contractor did not sign this program.', { cause: error });
    throw error;
  }
}
