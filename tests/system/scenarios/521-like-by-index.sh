# LIKE with a pattern that begins with what it matches reads that part of an index alone, and answers the same
. "$(dirname "$0")/../lib.sh"
requires psql
start_node
sql "create table shelf (id int primary key, title text, short varchar(20), padded char(20), plain text);
    insert into shelf select g, 'title ' || g, 'é' || g, 'p' || g, 'q' || g from generate_series(1, 20000) g;
    create index on shelf (title); create index on shelf (short); create index on shelf (padded)" || fail "setup"
plan() { sql "explain select count(*) from shelf where $1"; }
for where in "title like 'title 7%'" "title LIKE 'title 7_1'" "short like 'é7%'" \
    "id > 5 and title like 'title 19999'"; do
	contains "$(plan "$where")" "INDEX shelf_" "$where"
done
contains "$(plan "title like 'a%' or title like 'b%'")" "MULTI-INDEX OR" "two patterns"
for where in "title like '%7'" "title like '_7'" "title not like 'title 7%'" "title ilike 'title 7%'" \
    "title like 'title!%' escape '!'" "title like 'title\\%'" "padded like 'p7%'" "plain like 'q7%'" "title like ''"; do
	contains "$(plan "$where")" "SCAN" "$where"
done
# One text's plan is not the other's, though nothing but the literal differs.
equal "$(sql "select count(*) from shelf where title like 'title 7%';
    select count(*) from shelf where title like '%e 7%';
    select count(*) from shelf where title like 'title 8%';
    select count(*) from shelf where title like '_itle 8%'")" \
    "$(printf '1111\n1111\n1111\n1111')" "rows"
stop_node
