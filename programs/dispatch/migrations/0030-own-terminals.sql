-- Why: the contractor's own terminals: reference executors, whose word decides, and decoys, whose word counts for nothing.
-- Lock: access exclusive on terminal for an instant; a constant default rewrites nothing, the check reads the table once.
alter table terminal add column role text not null default 'member';
alter table terminal add constraint terminal_role_known check (role in ('member', 'reference', 'decoy'));
