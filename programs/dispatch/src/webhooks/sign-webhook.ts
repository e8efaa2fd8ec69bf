import { createHmac } from 'node:crypto';

/** A message as it is sent. */
export interface WebhookMessage {
  readonly id: string;
  readonly body: string;
  readonly at: Date;
}

/** The headers that prove a message, as Standard Webhooks 1.0 defines them: HMAC-SHA-256 over id, time and body. */
export function signWebhook({ id, body, at }: WebhookMessage, secret: Uint8Array): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}

/** A secret as its customer is given it. */
export function secretText(secret: Uint8Array): string {
  return `whsec_${Buffer.from(secret).toString('base64')}`;
}
