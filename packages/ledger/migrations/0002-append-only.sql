-- Why: what is written in a book stays. A mistake is corrected by a reversal, never by an update.
-- Triggers stop everybody, the owner included; ledger.grant_writer is for installations whose server
-- connects as a role of its own and should not even have the right.
-- Lock: share row exclusive on the new, empty tables; immediate.

create function ledger.refuse_change() returns trigger
language plpgsql as $$
begin
  raise exception 'ledger.% is append-only: correct it by a reversal', tg_table_name
    using errcode = 'integrity_constraint_violation';
end
$$;

do $$
declare
  fact text;
begin
  foreach fact in array array[
    'command', 'refusal', 'account', 'journal', 'posting', 'hold', 'hold_part', 'hold_resolution', 'document_number'
  ] loop
    execute format(
      'create trigger %I before update or delete or truncate on ledger.%I for each statement execute function ledger.refuse_change()',
      fact || '_append_only', fact);
  end loop;
end
$$;

create trigger balance_not_deleted
before delete or truncate on ledger.balance
for each statement execute function ledger.refuse_change();

create trigger document_series_not_deleted
before delete or truncate on ledger.document_series
for each statement execute function ledger.refuse_change();

-- Gives a role what a server needs and no more: facts can be added and read, only caches and queues can change.
create function ledger.grant_writer(role_name name) returns void
language plpgsql as $$
begin
  execute format('grant usage on schema ledger to %I', role_name);
  execute format('revoke all on all tables in schema ledger from %I', role_name);
  execute format('grant select, insert on all tables in schema ledger to %I', role_name);
  execute format('grant update on ledger.balance, ledger.document_series to %I', role_name);
  execute format('grant update, delete on ledger.open_hold, ledger.unsealed to %I', role_name);
end
$$;
