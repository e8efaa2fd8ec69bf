-- Why: a lie is told from the bits of a NaN by running a program in forms that write other NaN (docs/TRUST.md): three that
-- only judge, beside `fast` and `strict`. Programs admitted before get them when they are next submitted; a job that runs
-- meanwhile is judged with what there is.
-- Lock: access exclusive on program_artefact while its rows are checked, one for each form of each program.

alter table program_artefact
  drop constraint program_artefact_kind_known,
  add constraint program_artefact_kind_known check (kind in ('fast', 'strict', 'positive', 'negative', 'mixed'));
