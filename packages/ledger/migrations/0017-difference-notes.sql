-- Why: two companies may come to tell an event differently for good (a payment booked under two references, an event that
-- one of them made up). An operator looks at it once and says why; from then on it hinders no closing of a month.
-- Lock: creates a new object only.

-- ours and theirs are the amounts that were looked at, null where a book had none: with other amounts it is another difference.
create table ledger.difference_note (
  counterparty text collate "C" not null,
  event text collate "C" not null,
  ours bigint,
  theirs bigint,
  reason text not null,
  noted_at timestamptz not null,
  primary key (counterparty, event, noted_at),
  constraint difference_note_reason_given check (reason <> '')
);

create trigger difference_note_append_only
before update or delete or truncate on ledger.difference_note
for each statement execute function ledger.refuse_change();
