/**
 * The registration of a member and its terminal, steps 204 to 210 (SPEC A3 to A6, C1).
 *
 *   requested ──confirmed──▶ registered ──key-sent──▶ issued ──stored──▶ acknowledged
 *       │                        │                    │  ▲ key-sent          │
 *       │                        │                    └──┘                   │
 *       └────────forgotten───────┴──────────forgotten─┴──────────forgotten───┴──▶ ended
 *
 * Invariants: a license and its key exist only from `issued` on, and `issued` is reached only through `registered`,
 * which only the dispatch server's confirmation gives (also a trigger and constraints of the table). Until the agent
 * acknowledged, a repeated call replaces the key, because only its HMAC is kept; afterwards no key is ever sent again.
 * Nothing leaves `ended`.
 */
export const registrationStates = ['requested', 'registered', 'issued', 'acknowledged', 'ended'] as const;
export type RegistrationState = (typeof registrationStates)[number];

/**
 * `confirmed`: the dispatch server confirmed (step 208). `key-sent`: a new key goes out with this reply (step 209).
 * `stored`: the agent stored the key (step 210). `forgotten`: the member ends the registration.
 */
export const registrationEvents = ['confirmed', 'key-sent', 'stored', 'forgotten'] as const;
export type RegistrationEvent = (typeof registrationEvents)[number];

/** The state after an event; undefined where the event is impossible and must be refused. An event that has happened before changes nothing. */
export function afterEvent(
  state: RegistrationState,
  event: RegistrationEvent,
): RegistrationState | undefined {
  return transitions[state][event];
}

const transitions: Readonly<
  Record<RegistrationState, Partial<Record<RegistrationEvent, RegistrationState>>>
> = {
  requested: { confirmed: 'registered', forgotten: 'ended' },
  registered: { confirmed: 'registered', 'key-sent': 'issued', forgotten: 'ended' },
  issued: { confirmed: 'issued', 'key-sent': 'issued', stored: 'acknowledged', forgotten: 'ended' },
  acknowledged: { confirmed: 'acknowledged', stored: 'acknowledged', forgotten: 'ended' },
  ended: { confirmed: 'ended', forgotten: 'ended' },
};
