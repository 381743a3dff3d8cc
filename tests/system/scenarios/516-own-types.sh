# Enums and domains last as tables do, and no plan of before they changed is used after it; citext knows no case
. "$(dirname "$0")/../lib.sh"
requires psql
start_node
sql "create type mood as enum ('sad', 'ok'); create domain small as int check (value < 10)" >"$DIR/out"
sql "create table p (m mood, s small, ms mood[]); insert into p values ('ok', 5, '{ok,sad}')" >>"$DIR/out"
equal "$(cat "$DIR/out")" "" "what the definitions say"
ask="select m, ms, s from p where m = 'ok'"
equal "$(sql "$ask")" "ok|{ok,sad}|5" "the row"

sql "begin; alter type mood rename value 'ok' to 'fine'; create type other as enum ('a'); rollback" >/dev/null
equal "$(sql "$ask")" "ok|{ok,sad}|5" "the row after a rollback"
equal "$(state "select 'a'::other")" 42704 "a type that was undone"

sql "alter type mood rename value 'ok' to 'fine'; alter type mood add value 'so-so' before 'fine'"
equal "$(state "$ask")" 22P02 "the same text under the new label"
equal "$(sql "select m, ms from p where m > 'so-so'")" "fine|{fine,sad}" "the row under the new label"
equal "$(state "update p set s = 7")" ok "a value that the domain takes"
sql "update p set s = 5; alter domain small add check (value <> 7)"
equal "$(state "update p set s = 7")" 23514 "the same text when the domain takes it no more"
equal "$(state "drop type mood")" 2BP01 "a type in use"

sql "create table u (name citext unique); insert into u values ('Anna'), ('bob')"
equal "$(state "insert into u values ('ANNA')")" 23505 "a name that is there in other letters"
equal "$(sql "select name from u where name in ('BOB', 'x')")" bob "a name in other letters"
equal "$(sql "select count(*) from u where name = 'ANNA'::text or 'BOB'::text = name")" 0 "names as texts"
equal "$(sql "select string_agg(name, ',' order by name desc) from u")" bob,Anna "names in order"
equal "$(state "select name from u where name like 'a%'")" 0A000 "LIKE of citext"

stop_node
launch; wait_ready
equal "$(sql "select m, ms, s, enum_range(m) from p")" "fine|{fine,sad}|5|{sad,so-so,fine}" "the row after a restart"
equal "$(state "update p set s = 7")" 23514 "the domain after a restart"
stop_node
