import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair as generateJoseKeyPair,
  importJWK,
} from 'jose';
import { fromBase64url } from './encoding.ts';

/** An Ed25519 public key as a JWK (RFC 8037). */
export interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  /** The 32 bytes of the key, base64url. */
  readonly x: string;
  readonly kid?: string;
}

/** An Ed25519 private key as a JWK. */
export interface PrivateJwk extends PublicJwk {
  /** The 32 bytes of the secret, base64url. */
  readonly d: string;
}

/** A public key and its private half. */
export interface KeyPair {
  readonly publicKey: PublicJwk;
  readonly privateKey: PrivateJwk;
}

/** Makes a new Ed25519 key pair. */
export async function generateKeyPair(): Promise<KeyPair> {
  const { privateKey } = await generateJoseKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const { x, d } = await exportJWK(privateKey);
  return keyPairOf(parsePrivateKey({ kty: 'OKP', crv: 'Ed25519', x, d }));
}

/** The key pair that a private key belongs to; the public half is inside it. */
export function keyPairOf(privateKey: PrivateJwk): KeyPair {
  const { d: _secret, ...publicKey } = privateKey;
  return { publicKey, privateKey };
}

/** The thumbprint of RFC 7638, base64url: a key's name in `cnf.jkt` and `kid`. */
export function thumbprint(publicKey: PublicJwk): Promise<string> {
  const { kty, crv, x } = publicKey;
  return calculateJwkThumbprint({ kty, crv, x }, 'sha256');
}

/** Reads an Ed25519 public key from parsed JSON; takes nothing but its own members. Throws KeyError for anything else. */
export function parsePublicKey(value: unknown): PublicJwk {
  const { kty, crv, x, kid } = asRecord(value);
  if (kty !== 'OKP' || crv !== 'Ed25519' || !isKeyBytes(x)) {
    throw new KeyError('This is not an Ed25519 public key as a JWK (kty OKP, crv Ed25519, x of 32 bytes).');
  }
  return typeof kid === 'string' ? { kty, crv, x, kid } : { kty, crv, x };
}

/** Reads an Ed25519 private key from parsed JSON. Throws KeyError for anything else. */
export function parsePrivateKey(value: unknown): PrivateJwk {
  const { d } = asRecord(value);
  if (!isKeyBytes(d)) {
    throw new KeyError('This is not an Ed25519 private key as a JWK (d of 32 bytes is missing).');
  }
  return { ...parsePublicKey(value), d };
}

/** The key as Web Crypto wants it. Importing costs as much as a signature, so it is done once for each object. */
export function importKey(key: PublicJwk | PrivateJwk): Promise<CryptoKey> {
  let imported = importedKeys.get(key);
  if (imported === undefined) {
    imported = importChecked(key);
    importedKeys.set(key, imported);
  }
  return imported;
}

/** A key that is no Ed25519 key. */
export class KeyError extends Error {
  override readonly name = 'KeyError';
}

const importedKeys = new WeakMap<PublicJwk, Promise<CryptoKey>>();

async function importChecked(key: PublicJwk | PrivateJwk): Promise<CryptoKey> {
  const checked = 'd' in key ? parsePrivateKey(key) : parsePublicKey(key);
  return (await importJWK({ ...checked }, 'EdDSA')) as CryptoKey;
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isKeyBytes(value: unknown): value is string {
  try {
    return typeof value === 'string' && fromBase64url(value).length === 32;
  } catch {
    return false;
  }
}
