-- Why: whoever changes a row behind the triggers' back must be found. Each command, with everything that became of it,
-- is sealed into a hash chain; the head travels in the statements to others, who so hold a witness of the whole book.
-- Sealing is a step of its own, after the commit: a head that every business transaction locks until its own commit
-- would let only one of them run at a time (measured: 174 to 409 journals a second).
-- Lock: share row exclusive on the new, empty tables; immediate.

-- position counts from 1 without gaps; hash = sha256(hash of the position before || sha256(content of the command)).
create table ledger.seal (
  position bigint primary key,
  command_id bigint not null unique references ledger.command,
  hash bytea not null,
  constraint seal_hash_length check (octet_length(hash) = 32)
);

create trigger seal_append_only
before update or delete or truncate on ledger.seal
for each statement execute function ledger.refuse_change();

-- Queue: commands that wait for their seal.
create table ledger.unsealed (
  command_id bigint primary key references ledger.command
);

create function ledger.queue_for_seal() returns trigger
language plpgsql as $$
begin
  insert into ledger.unsealed (command_id)
  select id
  from written;
  return null;
end
$$;

create trigger command_waits_for_seal
after insert on ledger.command
referencing new table as written
for each statement execute function ledger.queue_for_seal();

-- Everything that a command says and did, as one text: arrays of strings only, so that its bytes depend neither on
-- the order of keys nor on the session's time zone.
create view ledger.command_content as
select c.id as command_id,
       jsonb_build_array(
         c.id::text, c.key, c.kind, c.event, c.body, encode(c.body_hash, 'hex'),
         (extract(epoch from c.at) * 1000000)::bigint::text,
         (
           select jsonb_build_array((extract(epoch from j.at) * 1000000)::bigint::text, j.reverses::text)
           from ledger.journal j
           where j.id = c.id
         ),
         (
           select jsonb_agg(
             jsonb_build_array(a.code, a.commodity, a.scale::text, a.side, a.bounded::text, p.amount::text)
             order by p.line)
           from ledger.posting p
           join ledger.account a on a.id = p.account_id
           where p.journal_id = c.id
         ),
         (
           select jsonb_build_array((extract(epoch from h.expires_at) * 1000000)::bigint::text)
           from ledger.hold h
           where h.id = c.id
         ),
         (
           select jsonb_agg(jsonb_build_array(a.code, a.commodity, p.amount::text) order by p.line)
           from ledger.hold_part p
           join ledger.account a on a.id = p.account_id
           where p.hold_id = c.id
         ),
         (
           select jsonb_build_array(r.hold_id::text, r.kind)
           from ledger.hold_resolution r
           where r.command_id = c.id
         ),
         (
           select jsonb_build_array(r.reason, r.account, r.short_by::text)
           from ledger.refusal r
           where r.command_id = c.id
         )
       )::text as content
from ledger.command c;

create function ledger.chain_step(previous bytea, content text) returns bytea
language sql stable parallel safe
return sha256(previous || sha256(convert_to(content, 'UTF8')));

-- Used as a window function it yields the running hash; the first state is the hash before the first row.
create function ledger.chain_fold(state bytea, previous bytea, content text) returns bytea
language sql stable parallel safe
return sha256(coalesce(state, previous) || sha256(convert_to(content, 'UTF8')));

create aggregate ledger.chain_hash (previous bytea, content text) (
  sfunc = ledger.chain_fold,
  stype = bytea
);

-- The rows whose hash is not what its command and the row before make it. The first by position is where the book was touched.
create view ledger.broken_seal as
select linked.position, linked.command_id, linked.problem
from (
  select s.position, s.command_id,
         case
           when s.position <> row_number() over chain then 'a seal before this one is missing'
           when c.content is null then 'its command is missing'
           when s.hash <> ledger.chain_step(lag(s.hash, 1, decode(repeat('00', 32), 'hex')) over chain, c.content)
             then 'its content is not what was sealed'
         end as problem
  from ledger.seal s
  left join ledger.command_content c on c.command_id = s.command_id
  window chain as (order by s.position)
) linked
where linked.problem is not null;
