import { sha256Hex } from '@taika/crypto/digest';
import type { CustomerId, JobId } from '@taika/protocol/schema';

/**
 * The job id that stands for a customer's key: the same key, the same job. A UUID of version 8 (RFC 9562), made of a
 * digest; the customer is in it, because two customers may choose the same key.
 */
export async function jobIdOfKey(key: string, customerId: CustomerId): Promise<JobId> {
  const digest = await sha256Hex(new TextEncoder().encode(`taika job\n${customerId}\n${key}`));
  const variant = '89ab'[Number.parseInt(digest[16] ?? '0', 16) % 4];
  const parts = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `${variant}${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ];
  return parts.join('-') as JobId;
}
