-- What only admins may do, when one began it, and what was refused: rows are added by bibd alone, in transactions of
-- their own, with the literals taken out of the statement. kind says which it was; result is "started" or a SQLSTATE.
create table bibd.audit (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    uid bigint,
    pid bigint,
    role text not null,
    kind text not null,
    statement text,
    result text not null
);
