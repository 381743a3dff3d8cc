# bibctl compat tells which statements of a dump, a script and a log a node on SQLite takes, and leaves nothing behind
. "$(dirname "$0")/../lib.sh"
before=$(ls -d /tmp/bibctl-compat-* 2>/dev/null)
cat >"$WORK/dump.sql" <<'SQL'
-- a dump; with a semicolon
\restrict abc
SET statement_timeout = 0;
CREATE TABLE public.t (a integer, b text DEFAULT 'x;y');
COPY public.t (a, b) FROM stdin;
1	a;b
2	it's
\.
CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $_$ begin return 'a;b'; end; $_$;
BEGIN;
CREATE PUBLICATION p;
INSERT INTO t VALUES (3, E'it\'s;');
CREATE PUBLICATION
    p;
SELECT * FROM nosuch;
COMMIT;
/* several ; /* within ; */ */ SELECT count(*) FROM t
SQL
cat >"$WORK/log" <<'LOG'
2026-11-30 10:00:00 UTC [1] LOG:  database system is ready
2026-11-30 10:00:01 UTC [2] LOG:  statement: create table t (a int,
	b text)
2026-11-30 10:00:02 UTC [2] LOG:  duration: 0.1 ms  execute <unnamed>: insert into t values ($1, $2)
2026-11-30 10:00:02 UTC [2] DETAIL:  parameters: $1 = '1', $2 = 'x'
2026-11-30 10:00:03 UTC [2] LOG:  execute s1: select * from t tablesample system ($1)
LOG
out=$("$BIBCTL" compat "$WORK/dump.sql"); equal $? 1 "the exit status of the dump"
equal "$(head -n 1 <<<"$out")" "11 statements: 8 taken, 2 refused, 1 failed otherwise" "the dump's first line"
contains "$out" "lines 11, 13: CREATE PUBLICATION p" "where the refused ones are"
contains "$out" "line 15: SELECT" "where the other one is"
out=$("$BIBCTL" --json compat "$WORK/log"); equal $? 1 "the exit status of the log"
contains "$out" '"statements":3,"taken":2,"refused":1,"failed":0' "the log's numbers"
contains "$out" '"lines":[6]' "the log's line"
out=$("$BIBCTL" compat - <<<'select 1; select 2;'); equal $? 0 "the exit status of what is taken"
equal "$out" "2 statements: 2 taken, 0 refused, 0 failed otherwise" "what is taken"
"$BIBCTL" compat "$WORK/none" >/dev/null 2>&1; equal $? 74 "no such file"
"$BIBCTL" compat >/dev/null 2>&1; equal $? 64 "no file"
equal "$(ls -d /tmp/bibctl-compat-* 2>/dev/null)" "$before" "directories of scratch nodes"
