import { type PublicJwk, parsePublicKey } from '@taika/crypto/keys';

/** The vendor's public key, put here when the vendor builds the editor (build-artifact.ts). */
declare const EDITOR_VENDOR_KEY: string | undefined;

/** When the vendor built the editor. */
declare const EDITOR_BUILT_AT: string | undefined;

/** The instant of the build; undefined from source. */
export const builtAt = typeof EDITOR_BUILT_AT === 'string' ? new Date(EDITOR_BUILT_AT) : undefined;

/** Variable that names the key while the editor runs from its source, where no vendor has built it. */
export const vendorKeyVariable = 'TAIKA_EDITOR_VENDOR_KEY';

/**
 * The key that grants must be signed by: 32 bytes in base64url. A built editor believes the key it was built with and no
 * other; from source it is given. Undefined when there is none: then nothing can be licensed.
 */
export function vendorKey(environment: NodeJS.ProcessEnv = process.env): PublicJwk | undefined {
  const x = typeof EDITOR_VENDOR_KEY === 'string' ? EDITOR_VENDOR_KEY : environment[vendorKeyVariable];
  return x === undefined || x === '' ? undefined : parsePublicKey({ kty: 'OKP', crv: 'Ed25519', x });
}
