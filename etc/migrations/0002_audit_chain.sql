-- Each row of the audit table is chained to the one before it: hash is that of previous and of the row's fields, as
-- bibd(8) describes. A head is a position and its hash, signed by the node's identity: it proves all rows up to there.
alter table bibd.audit add column source text;
alter table bibd.audit add column "position" bigint;
alter table bibd.audit add column previous text;
alter table bibd.audit add column hash text;
create table bibd.audit_head (
    "position" bigint primary key,
    hash text not null,
    at timestamptz not null,
    key text not null,
    signature text not null
);
