/** What the headers of a message must hold; names in lower case. */
export type WebhookHeaders = Readonly<Record<string, string | undefined>>;

/** Older messages, and messages from a clock that is far off, are refused: they may be repeated by somebody. */
const toleranceMs = 5 * 60_000;

/**
 * Whether a message is the contractor's: signed with the customer's secret (`whsec_…`) as Standard Webhooks says, over
 * exactly these bytes of the body, within the last five minutes. For Node and browsers.
 */
export async function verifyWebhook(
  body: string,
  headers: WebhookHeaders,
  { secret, now = new Date() }: { readonly secret: string; readonly now?: Date },
): Promise<boolean> {
  const id = headers['webhook-id'] ?? '';
  const timestamp = headers['webhook-timestamp'] ?? '';
  if (!(Math.abs(now.getTime() - Number(timestamp) * 1000) <= toleranceMs)) return false;
  const key = await crypto.subtle.importKey(
    'raw',
    Uint8Array.fromBase64(secret.replace(/^whsec_/, '')),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['verify'],
  );
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  for (const signature of (headers['webhook-signature'] ?? '').split(' ')) {
    const [version, value = ''] = signature.split(',');
    if (version !== 'v1' || !/^[A-Za-z0-9+/]{43}=$/.test(value)) continue;
    if (await crypto.subtle.verify('HMAC', key, Uint8Array.fromBase64(value), signed)) return true;
  }
  return false;
}
