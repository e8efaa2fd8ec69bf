import { sha256Hex } from '@taika/crypto/digest';
import { RemoteError } from '@taika/http/remote-error';
import type { CustomerId, JobId } from '@taika/protocol/schema';

/**
 * The job id that stands for a customer's key: the same key, the same job. A UUID of version 8 (RFC 9562), made of a
 * digest; the customer is in it, because two customers may choose the same key. Throws a RemoteError for an empty key: most
 * likely a variable that was not set, and all such submissions would be one.
 */
export async function jobIdOfKey(key: string, customerId: CustomerId): Promise<JobId> {
  if (key.trim() === '') {
    const detail = 'The name of this submission is empty.';
    const remedy =
      'Give it a name, such as the date it is for, or leave it out: then each submission is a job of its own.';
    throw new RemoteError({ code: 'bad-request', detail, remedy }, { status: 0 });
  }
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
