import { Type } from 'typebox';
import { defineRoute } from '../route.ts';
import { Instant } from '../schema.ts';

export const Webhook = Type.Object({
  url: Type.String(),
  /** Signs every message as Standard Webhooks says (`webhook-id`, `webhook-timestamp`, `webhook-signature`). */
  secret: Type.String({ description: 'whsec_ and base64' }),
  setAt: Instant,
  /** How the newest message fared. */
  last: Type.Optional(
    Type.Object({ outcome: Type.String(), attempts: Type.Integer(), deliveredAt: Type.Optional(Instant) }),
  ),
});

export const setWebhook = defineRoute({
  name: 'setWebhook',
  method: 'PUT',
  path: '/v1/customer/webhook',
  access: ['customer'],
  summary:
    'Be told at this address when a job has ended. The secret stays the same when only the address changes.',
  body: Type.Object({ url: Type.String({ minLength: 1, maxLength: 2000 }) }, { additionalProperties: false }),
  reply: Webhook,
});

export const readWebhook = defineRoute({
  name: 'readWebhook',
  method: 'GET',
  path: '/v1/customer/webhook',
  access: ['customer'],
  summary: 'Where this customer is told, with the secret, and how the newest message fared.',
  reply: Webhook,
});

export const removeWebhook = defineRoute({
  name: 'removeWebhook',
  method: 'DELETE',
  path: '/v1/customer/webhook',
  access: ['customer'],
  summary: 'Be told no more. The next address gets a new secret.',
});
