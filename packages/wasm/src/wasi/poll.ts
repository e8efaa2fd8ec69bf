import { type Errno, errno } from './errno.ts';
import type { Host, HostCalls } from './host-calls.ts';
import type { VirtualClock } from './virtual-clock.ts';

const subscriptionBytes = 48;
const eventBytes = 32;
const subscriptionsMax = 1024;
const tagClock = 0;
const absoluteTime = 1;

interface Subscription {
  readonly userData: bigint;
  readonly tag: number;
  /** For a clock: the instant at which it fires. Descriptors are always ready. */
  readonly firesAt: bigint;
}

/**
 * `poll_oneoff` never waits. Descriptors are ready at once; where only clocks are asked for, the virtual
 * clock jumps to the earliest of them, so a sleeping program costs nobody time.
 */
export function pollCalls(host: Host, clock: VirtualClock): HostCalls {
  const { memory } = host;

  function readSubscription(at: number, now: bigint): Subscription {
    const tag = memory.readU8(at + 8);
    const timeout = memory.readU64(at + 24);
    const isAbsolute = (memory.readU16(at + 40) & absoluteTime) !== 0;
    return { userData: memory.readU64(at), tag, firesAt: isAbsolute ? timeout : now + timeout };
  }

  function writeEvent(at: number, subscription: Subscription): void {
    memory.slice(at, eventBytes).fill(0);
    memory.writeU64(at, subscription.userData);
    memory.writeU8(at + 10, subscription.tag);
  }

  return {
    poll_oneoff(subscriptionsAt: number, eventsAt: number, count: number, countOut: number): Errno {
      if (count < 1 || count > subscriptionsMax) return errno.invalid;
      host.move(subscriptionBytes * count);
      host.list(count);
      const now = clock.read();
      const subscriptions = Array.from({ length: count }, (_, position) =>
        readSubscription((subscriptionsAt >>> 0) + subscriptionBytes * position, now),
      );
      const fired = firedOf(subscriptions, now);
      if (fired[0]?.tag === tagClock) clock.advanceTo(fired[0].firesAt);
      for (const [position, subscription] of fired.entries()) {
        writeEvent((eventsAt >>> 0) + eventBytes * position, subscription);
      }
      memory.writeU32(countOut, fired.length);
      return errno.success;
    },
  };
}

function firedOf(subscriptions: readonly Subscription[], now: bigint): Subscription[] {
  const ready = subscriptions.filter(({ tag, firesAt }) => tag !== tagClock || firesAt <= now);
  if (ready.length > 0) return ready;
  const earliest = subscriptions.map(({ firesAt }) => firesAt).toSorted(compareInstants)[0];
  return subscriptions.filter(({ firesAt }) => firesAt === earliest);
}

function compareInstants(a: bigint, b: bigint): number {
  return a < b ? -1 : 1;
}
