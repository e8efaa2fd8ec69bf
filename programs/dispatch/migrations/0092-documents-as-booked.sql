-- Why: a document's amounts were booked by a command that the chain seals. Whoever changes the document behind the triggers'
-- back (a superuser can) is found by comparing the two.
-- Lock: none beyond the catalogue.

create view document_defect as
select 'invoice-not-as-booked' as name,
       'invoice ' || i.document_number || ': customer ' || i.customer_number || ', net ' || i.net_milli || ', tax ' || i.tax_milli
         || ', fuel ' || l.fuel || '; booked: customer ' || (c.said ->> 'customer') || ', net ' || (c.said ->> 'net') || ', tax '
         || (c.said ->> 'tax') || ', fuel ' || (c.said ->> 'fuel') as detail
from invoice i
join invoice_line l on l.invoice_number = i.number
join job j on j.number = l.job_number
join ledger.command k on k.key = 'job:' || j.id || ':invoice'
cross join lateral (select k.body::jsonb -> 'command' as said) c
where i.customer_number::text <> c.said ->> 'customer'
   or i.net_milli <> (c.said ->> 'net')::bigint
   or i.tax_milli <> (c.said ->> 'tax')::bigint
   or l.fuel <> (c.said ->> 'fuel')::numeric
   or l.rate_version <> (c.said ->> 'rateVersion')::int
   or l.level <> c.said ->> 'level'
   or l.factor_thousandths <> (c.said ->> 'factor')::int
union all
select 'credit-note-not-as-booked',
       'credit note ' || n.document_number || ': invoice ' || i.document_number || ', net ' || n.net_milli || ', tax ' || n.tax_milli
         || '; booked: invoice ' || (c.said ->> 'invoice') || ', net ' || (c.said ->> 'net') || ', tax ' || (c.said ->> 'tax')
from credit_note n
join invoice i on i.number = n.invoice_number
join ledger.command k on k.key = 'credit-note:' || n.id
cross join lateral (select k.body::jsonb -> 'command' as said) c
where i.document_number <> c.said ->> 'invoice'
   or n.net_milli <> (c.said ->> 'net')::bigint
   or n.tax_milli <> (c.said ->> 'tax')::bigint;
