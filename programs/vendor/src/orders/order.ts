/**
 * An order of a service: a checkout, or a period's usage bill (steps 801 to 804).
 *
 *   priced ──held──▶ awaiting-confirmation ──confirmed──▶ confirmed ──captured──▶ completed
 *     │ │                   │   │   │                        │                        ▲
 *     │ └── no-points ──────│───│───│────────────────────────│────────────────────────┤
 *     │                     │   │   └─ declined ───▶ refused ◀┤ points-refused        │
 *     └──────┬──────────────┘   └───── cancelled ──▶ cancelled                        │
 *            └─────────────── overdue ─────────────▶ expired                          │
 *   a usage bill goes, where a purchase would be refused or expire, to completed in money ┘
 *   and by lapsed from confirmed back to awaiting-confirmation
 *
 * Invariants: points are captured only with the member's signature; what was taken off is exactly what they are worth; from
 * `confirmed` on nobody but the dispatch server can stop it, because the points may be captured already; a use that was
 * had is charged, so a usage bill is never cancelled. Whatever ends without capture gives held points back.
 */
export const orderStates = [
  'priced',
  'awaiting-confirmation',
  'confirmed',
  'completed',
  'cancelled',
  'expired',
  'refused',
] as const;
export type OrderState = (typeof orderStates)[number];
export type OrderKind = 'purchase' | 'usage';

export const orderEvents = [
  /** It spends no points. */
  'no-points',
  /** The dispatch server holds them. */
  'held',
  /** The member signed. */
  'confirmed',
  /** The dispatch server captured them. */
  'captured',
  /** The dispatch server refuses to hold or to capture them. */
  'points-refused',
  /** The dispatch server takes the signature on a bill no more, because a server was away for so long. */
  'lapsed',
  /** The member said no. */
  'declined',
  /** The service cancels. */
  'cancelled',
  /** Nobody confirmed in time. */
  'overdue',
] as const;
export type OrderEvent = (typeof orderEvents)[number];

/** What an event makes of an order. */
export interface OrderStep {
  readonly state: OrderState;
  /** The order completes without points: the member is charged the full price. */
  readonly inMoney: boolean;
}

/** The step that an event takes; undefined where the event is impossible and must be refused. */
export function afterOrderEvent(
  kind: OrderKind,
  state: OrderState,
  event: OrderEvent,
): OrderStep | undefined {
  if (kind === 'usage' && state === 'confirmed' && event === 'lapsed') {
    // The use was had and the member said yes: it is asked again, and not charged in money for an outage.
    return { state: 'awaiting-confirmation', inMoney: false };
  }
  const next = transitions[state][event];
  if (next === undefined || (kind === 'usage' && event === 'cancelled')) {
    return undefined;
  }
  const wouldFail = next === 'refused' || next === 'expired';
  return kind === 'usage' && wouldFail
    ? { state: 'completed', inMoney: true }
    : { state: next, inMoney: event === 'no-points' };
}

/** A state as others see it: that a signature is being redeemed is between the two servers. */
export function shownState(state: OrderState): Exclude<OrderState, 'confirmed'> {
  return state === 'confirmed' ? 'awaiting-confirmation' : state;
}

const transitions: Readonly<Record<OrderState, Partial<Record<OrderEvent, OrderState>>>> = {
  priced: {
    'no-points': 'completed',
    held: 'awaiting-confirmation',
    'points-refused': 'refused',
    declined: 'refused',
    cancelled: 'cancelled',
    overdue: 'expired',
  },
  'awaiting-confirmation': {
    held: 'awaiting-confirmation',
    confirmed: 'confirmed',
    declined: 'refused',
    cancelled: 'cancelled',
    overdue: 'expired',
  },
  confirmed: { confirmed: 'confirmed', captured: 'completed', 'points-refused': 'refused' },
  completed: {},
  cancelled: {},
  expired: {},
  refused: {},
};
