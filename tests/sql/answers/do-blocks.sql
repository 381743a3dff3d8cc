-- DO: blocks of PL/pgSQL; what they say is kept in a table, since notices are not compared
create table said (n serial primary key, line text);
create table rt (id int primary key, a text, n numeric(10,2), b boolean, ts timestamp);
do $$ begin insert into rt values (1, 'one', 1.5, true, '2024-01-02 03:04:05'); insert into said(line) values
  (concat_ws(' ', 'hello  ', 1, 'x')); end $$;
do $$ declare x int := 5; y text; begin y := 'v' || x; insert into rt(id, a, n) values (x, y, x * 1.25); end $$;
do $$ declare r record; begin for r in select * from rt order by id loop insert into said(line) values
  (concat_ws(' ', '    ', r.id, r.a, r.n, r.b, r.ts)); end loop; end $$;
do $$ declare t int; begin select count(*) into t from rt; insert into said(line) values (concat_ws(' ', 't= found=',
  t, found)); if t > 1 then update rt set a = a || '!' where id = t; insert into said(line) values (concat_ws(' ',
  'f ', found)); else insert into said(line) values (concat_ws(' ', 'no')); end if; end $$;
do $$ begin for i in 1..3 loop insert into rt(id) values (10 + i); end loop; for i in reverse 3..1 by 2 loop insert
  into said(line) values (concat_ws(' ', 'r ', i)); end loop; end $$;
select id, a, n, b, ts from rt order by id;
do $$ declare id int := 1; begin perform 1 from rt where id = id; end $$;
do $$ declare id int := 1; begin perform 1 from rt where rt.id = id; end $$;
do $$ <<l>> declare idx int := 1; q text; begin select a into q from rt where rt.id = l.idx; insert into said(line)
  values (concat_ws(' ', 'q=', q)); end $$;
do $$ begin raise exception 'boom %', 3 using errcode = '22012', hint = 'h', detail = 'd'; end $$;
do $$ begin raise unique_violation; end $$;
do $$ begin raise sqlstate 'U0001' using message = 'mine'; end $$;
do $$ begin insert into rt(id) values (1); exception when unique_violation then insert into said(line) values
  (concat_ws(' ', 'caught  ', sqlstate, sqlerrm)); end $$;
do $$ begin begin insert into rt(id) values (99); perform 1/0; exception when division_by_zero then insert into
  said(line) values (concat_ws(' ', 'div')); end; perform 1; end $$;
select count(*) from rt where id = 99;
do $$ begin begin perform 1/0; exception when others then raise; end; end $$;
do $$ declare x int; begin x := 'abc'; end $$;
do $$ declare x int; begin x := 2.5; insert into said(line) values (concat_ws(' ', '', x)); x := '7'; insert into
  said(line) values (concat_ws(' ', '', x)); end $$;
do $$ declare x varchar(3); begin x := 'abcd'; end $$;
do $$ declare x numeric(5,2); begin x := 1.005; insert into said(line) values (concat_ws(' ', '', x)); x := 12345;
  end $$;
do $$ declare x bool; begin x := 1; insert into said(line) values (concat_ws(' ', '', x)); end $$;
do $$ declare x date := '2024-02-03'; y timestamp; begin y := x; insert into said(line) values (concat_ws(' ', ' ',
  x, y)); x := y + interval '1 day'; insert into said(line) values (concat_ws(' ', '', x)); end $$;
do $$ declare x constant int := 3; begin x := 4; end $$;
do $$ declare x int not null := 3; begin x := null; end $$;
do $$ declare x int not null; begin null; end $$;
do $$ declare v rt%rowtype; w rt.n%type; begin select * into v from rt where id = 5; insert into said(line) values
  (concat_ws(' ', ' ', v.a, v.n)); w := v.n * 3; insert into said(line) values (concat_ws(' ', '', w)); v.a := 'zz';
  insert into said(line) values (concat_ws(' ', '', v.a)); end $$;
do $$ declare x int := 0; begin loop x := x + 1; exit when x > 5; continue when x % 2 = 0; insert into said(line)
  values (concat_ws(' ', 'x ', x)); end loop; while x > 3 loop x := x - 1; end loop; insert into said(line) values
  (concat_ws(' ', 'end ', x)); end $$;
do $$ declare x int := 2; begin case x when 1, 2 then insert into said(line) values (concat_ws(' ', 'a')); else
  insert into said(line) values (concat_ws(' ', 'b')); end case; case when x > 5 then null; end case; end $$;
do $$ begin execute 'create table rt2 (a int)'; execute 'insert into rt2 values ($1)' using 42; end $$;
select * from rt2;
do $$ declare n bigint; begin update rt set b = false; get diagnostics n = row_count; insert into said(line) values
  (concat_ws(' ', 'n ', n)); end $$;
do $$ declare n int; begin execute 'select count(*) from rt where id > $1' into n using 5; insert into said(line)
  values (concat_ws(' ', '', n)); end $$;
do $$ begin if not exists (select 1 from rt where id = 500) then alter table rt add column extra int default 7; end
  if; end $$;
select extra from rt where id = 1;
do $$ begin if exists (select 1 from information_schema.columns where table_name = 'rt' and column_name = 'extra')
  then alter table rt drop column extra; end if; end $$;
do $$ declare r record; begin select 1 as one, 'x'::text as two into r; insert into said(line) values (concat_ws(' ',
  ' ', r.one, r.two)); insert into said(line) values (concat_ws(' ', '', r.three)); end $$;
do $$ declare r record; begin insert into said(line) values (concat_ws(' ', '', r.x)); end $$;
do $$ begin select 1; end $$;
do $$ begin foo bar; end $$;
do $$ begin x := 1; end $$;
do $$ declare x int; begin select id into strict x from rt where id > 5; end $$;
do $$ declare x int; begin select id into strict x from rt where id = 12345; end $$;
do $$ declare x int; begin update rt set a = 'q' where id = 1 returning id into x; insert into said(line) values
  (concat_ws(' ', '', x)); end $$;
do $$ begin return 1; end $$;
do $$ begin return; insert into said(line) values (concat_ws(' ', 'never')); end $$;
do $$ declare a int[] := array[1,2,3]; e int; begin foreach e in array a loop insert into said(line) values
  (concat_ws(' ', 'e ', e)); end loop; end $$;
do $$ begin assert 1 = 2, 'nope'; end $$;
do $$ begin assert 1 = 1; end $$;
do $$ begin insert into said(line) values (concat_ws(' ', '')); end $$;
do $$ begin insert into said(line) values (concat_ws(' ', 'x', 1)); end $$;
do $$ declare x int; y int; begin select 1, 2 into x, y; insert into said(line) values (concat_ws(' ', ' ', x, y));
  select 3 into x, y; insert into said(line) values (concat_ws(' ', ' ', x, y)); end $$;
do $$ begin exit; end $$;
do $$ begin <<o>> for i in 1..3 loop for j in 1..3 loop continue o when j = 2; insert into said(line) values
  (concat_ws(' ', ' ', i, j)); end loop; end loop; end $$;
do language plpgsql $$ begin null; end $$;
do language sql $$ select 1 $$;
do $$ begin insert into rt(id) values (77); raise exception 'undo'; end $$;
select count(*) from rt where id = 77;
begin;
do $$ begin insert into rt(id) values (78); end $$;
rollback;
select count(*) from rt where id = 78;
do $$ declare x int; begin begin declare y int := 1/0; begin null; exception when division_by_zero then insert into
  said(line) values (concat_ws(' ', 'inner')); end; exception when division_by_zero then insert into said(line)
  values (concat_ws(' ', 'outer')); end; end $$;
do $$ declare s text; m text; begin perform 1/0; exception when others then get stacked diagnostics s =
  returned_sqlstate, m = message_text; insert into said(line) values (concat_ws(' ', ' ', s, m)); end $$;
do $$ declare x text := 'a'; y text = 'b'; z text default 'c'; begin insert into said(line) values (concat_ws(' ',
  '', x || y || z)); insert into said(line) values (concat_ws(' ', '', null::int)); end $$;
do $$ declare x int; begin for x in select id from rt order by id loop insert into said(line) values (concat_ws(' ',
  '', x)); exit when x > 3; end loop; insert into said(line) values (concat_ws(' ', 'after ', x)); end $$;
do $$ declare a alias for b; begin end $$;
do $$ declare x int; x int; begin end $$;
do $$ begin perform count(*) from rt group by a; insert into said(line) values (concat_ws(' ', '', found)); end $$;
do $$ declare lim int := 2; v int; begin select max(id) into v from (select id from rt order by id limit lim) q;
  insert into said(line) values (concat_ws(' ', '', v)); end $$;
do $$ declare k text := 'one!'; c int; begin select count(*) into c from rt where a = k group by a having count(*) >
  0; insert into said(line) values (concat_ws(' ', '', c)); end $$;
do $$ begin for i in 1..10000 loop null; end loop; end $$;
do $$ begin null; end
$$;
do $$ declare x text; begin x := format('%s-%s', 1, 2); insert into said(line) values (concat_ws(' ', '', x)); end;
  $$;
do 'begin raise notice ''quoted''; end';
do $$ declare x numeric(5,2); begin x := 1.005; insert into said(line) values (concat_ws(' ', '', x)); end $$;
do $$ declare x numeric(5,2) := 1.005; begin insert into said(line) values (concat_ws(' ', '', x)); end $$;
do $$ declare x numeric(5,2); y numeric := 1.005; begin x := y; insert into said(line) values (concat_ws(' ', '',
  x)); end $$;
do $$ declare x varchar(2); begin x := 'abc'; insert into said(line) values (concat_ws(' ', '', x)); end $$;
do $$ declare x char(5); begin x := 'abc'; insert into said(line) values (concat_ws(' ', '|', x)); end $$;
do $$ declare x timestamp(0) := '2024-01-01 10:00:00.6'; a int[] := '{1,2}'; j jsonb := '{"a":1}'; u uuid :=
  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'; i interval := '1 day'; begin insert into said(line) values (concat_ws(' ',
  '    ', x, a, j, u, i)); insert into said(line) values (concat_ws(' ', '', j->>'a')); insert into said(line) values
  (concat_ws(' ', '', a[1])); end $$;
do $$ declare x nope; begin end $$;
do $$ declare x nope%rowtype; begin end $$;
do $$ declare x int), (select 1; begin end $$;
select line from said order by n;
drop table rt, rt2, said;
do $$ declare a int[] := '{1,2,3}'; begin assert a[2:3] = '{2,3}'; a := a || 4; assert a = '{1,2,3,4}'; end $$;
do $$ begin begin perform nosuch(1); exception when undefined_function then null; end; end $$;
do $$ declare t interval := '1 day'; begin t := t * 2; assert t = '2 days'; end $$;
create sequence counted;
do $$ declare n bigint; begin n := nextval('counted'); begin perform nextval('counted'); perform 1/0;
  exception when division_by_zero then null; end; assert nextval('counted') = 3; end $$;
drop sequence counted;
do $$ declare i int; begin execute 'select $2 + $1' into i using 3, 4; assert i = 7; end $$;
create temp table pairs (f1 int, f2 int);
do $$ declare x record; begin execute 'insert into pairs values (7, 8), (9, 10) returning *' into x; assert x.f1 = 7;
  insert into pairs values (1, 1), (2, 2) returning * into x; end $$;
select count(*) from pairs;
drop table pairs;
create table likes (x numeric(4,1) not null, y varchar(3));
do $$ declare x likes.x%type := 1.25; y likes.y%type; begin assert x = 1.3; y := 'abcd'; end $$;
drop table likes;
