import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterOrderEvent, type OrderEvent, type OrderState, orderEvents, orderStates } from './order.ts';

type Outcome = OrderState | 'in money' | undefined;
const no = undefined;

/** Columns in the order of `orderEvents`. */
const purchase: Record<OrderState, Outcome[]> = {
  priced: ['in money', 'awaiting-confirmation', no, no, 'refused', no, 'refused', 'cancelled', 'expired'],
  'awaiting-confirmation': [
    no,
    'awaiting-confirmation',
    'confirmed',
    no,
    no,
    no,
    'refused',
    'cancelled',
    'expired',
  ],
  confirmed: [no, no, 'confirmed', 'completed', 'refused', no, no, no, no],
  completed: [no, no, no, no, no, no, no, no, no],
  cancelled: [no, no, no, no, no, no, no, no, no],
  expired: [no, no, no, no, no, no, no, no, no],
  refused: [no, no, no, no, no, no, no, no, no],
};
const usage: Record<OrderState, Outcome[]> = {
  ...purchase,
  priced: ['in money', 'awaiting-confirmation', no, no, 'in money', no, 'in money', no, 'in money'],
  'awaiting-confirmation': [no, 'awaiting-confirmation', 'confirmed', no, no, no, 'in money', no, 'in money'],
  confirmed: [no, no, 'confirmed', 'completed', 'in money', 'awaiting-confirmation', no, no, no],
};

test('an order goes from every state by every event where the table says', () => {
  for (const [kind, table] of Object.entries({ purchase, usage })) {
    for (const state of orderStates) {
      for (const [column, event] of orderEvents.entries()) {
        const step = afterOrderEvent(kind as 'purchase', state, event);
        const outcome: Outcome = step?.inMoney ? 'in money' : step?.state;
        assert.equal(outcome, table[state][column], `${kind}: ${state} + ${event}`);
        assert.ok(!step?.inMoney || step.state === 'completed');
      }
    }
  }
});

test('no sequence of events takes points off without the member’s signature', () => {
  const visit = (state: OrderState, signed: boolean, path: OrderEvent[]): void => {
    for (const event of path.length === 6 ? [] : orderEvents) {
      const step = afterOrderEvent('purchase', state, event);
      if (step === undefined) {
        continue;
      }
      const isSigned = signed || event === 'confirmed';
      assert.ok(step.state !== 'completed' || step.inMoney || isSigned, [...path, event].join(', '));
      visit(step.state, isSigned, [...path, event]);
    }
  };
  visit('priced', false, []);
});
