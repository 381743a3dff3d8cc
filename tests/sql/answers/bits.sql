-- bit and bit varying: literals, columns, casts, operators, functions and aggregates.
select B'101', b'', X'1aF', B'1' = X'8', pg_typeof(B'1');
select B'102';
select X'1G';
select '101'::bit(5), '10101'::bit(3), '10101'::varbit(3), '1'::varbit(3), B'101'::bit, '101'::bit;
select 'b101'::bit(4), 'B11'::varbit, 'x1f'::varbit, 'X1F'::bit(10), ''::varbit;
select '12'::varbit;
select 'xg'::varbit;
select 44::bit(10), 44::bit(3), (-44)::bit(12), (-1)::bit(70), 5::bit, 9223372036854775807::bit(64), 44::int8::bit(8);
select 44::varbit;
select 44::int2::bit(3);
select B'1010'::int, B'1111'::int8, (-44)::bit(32)::int, (-44)::bit(32)::int8, (-5)::int8::bit(64)::int8, ''::bit(0);
select repeat('1', 33)::bit(33)::int;
select repeat('1', 65)::bit(65)::int8;
select B'101'::varbit::int;
select B'101'::text, '101'::text::bit(4), B'101'::varchar(2);
select B'1100' & B'1010', B'1100' | B'1010', B'1100' # B'1010', ~ B'1100', B'11001' << 2, B'11001' >> 2, B'11' << 9,
    B'11' >> 9;
select B'11001' << -2, B'11001' >> -2, B'11' || B'01', B'11'::varbit || '01', '1'::varbit & '0';
select B'11' & B'1';
select B'11' | B'1';
select B'11' # B'1';
select B'1' < B'10', B'1' < B'0', B'' < B'0', B'111' > B'11', B'01' = B'1', B'10' <> B'1', B'10'::varbit = B'10';
select B'1' = 1;
select length(B'1010'), length(B''), octet_length(B'101010101'), octet_length(B''), bit_length(B'101'),
    bit_count(B'1011');
select substring(B'110101' from 2 for 3), substring(B'110101', 3), substring(B'1101' from -1 for 4),
    substring(B'1101', 9);
select substring(B'1101' from 2 for -1);
select overlay(B'110101' placing B'000' from 2), overlay(B'1111' placing B'0' from 2 for 3), overlay(B'1' placing
    B'0' from 5 for 0);
select overlay(B'110101' placing B'000' from 0);
select position(B'01' in B'1101'), position(B'' in B'1'), position(B'' in B''), position(B'1' in B'0'),
    position(B'11' in B'1');
select get_bit(B'1101', 2), get_bit(B'1101', 0), set_bit(B'1101', 2, 1), set_bit(B'1101', 0, 0);
select get_bit(B'1101', 4);
select get_bit(B'1101', -1);
select set_bit(B'1101', 4, 1);
select set_bit(B'1101', 1, 2);
select bit_and(b), bit_or(b), bit_xor(b) from (values (B'1100'), (B'1010'), (null)) v(b);
select bit_and(b) from (values (B'1100'), (B'10')) v(b);
select bit_or(b) over (order by b) from (values (B'1100'), (B'1010')) v(b);
select coalesce(null, B'1'), case when true then B'10' else '01' end, greatest(B'10', B'11'), nullif(B'1', B'1');
select B'10' in (B'10', '11'), B'1' is distinct from B'0';
select b from (values (B'10'), (B'1'), (B'011'), (null)) v(b) order by b;
select b, count(*) from (values (B'10'), (B'10'), (B'1')) v(b) group by b order by 1;
select B'10' union select B'10' union all select '1'::varbit order by 1;
select array[B'10', B'01'], '{101,""}'::varbit[], array[B'1'] || B'0', B'1' = any(array[B'0', B'1']);
select to_json(B'101'), format('%s', B'101'), concat(B'101', '!'), B'101' || 'x'::text;
create table bits(id int primary key, a bit(4), b bit varying(6) default B'11', c bit, d varbit, e bit(3)[]);
insert into bits values (1, B'1010', '101', '1', X'ff', '{101}'), (2, '0001', B'111111', B'0', '', null);
insert into bits (id, a) values (3, B'101');
insert into bits (id, a) values (3, B'10101');
insert into bits (id, b) values (3, B'1010101');
insert into bits (id, b) values (3, B'1010101'::varbit(6));
insert into bits (id, a) values (4, 5);
insert into bits (id, a) values (4, 5::bit(4));
insert into bits (id, a) values (5, 'x5');
insert into bits (id, a) values (6, 'y');
select * from bits order by id;
select id, a & B'0011', a | b::bit(4), length(d), get_bit(a, 0) from bits where a is not null order by id;
create index bits_a on bits (a);
create unique index bits_b on bits (b, a);
select id from bits where a = B'0101' order by id;
select id from bits where a > '0001' order by a, id;
update bits set a = ~a, d = d || B'1' where id < 3;
update bits set a = a || B'1' where id = 1;
select * from bits order by id;
select column_name, data_type::text, character_maximum_length from information_schema.columns where table_name =
    'bits' order by 1;
select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'bits'::regclass and attnum > 0
    order by attnum;
select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'bits'::regclass;
select typname, typlen, typcategory, typispreferred from pg_type where typname in ('bit', 'varbit') order by 1;
create table bits_bad(a bit(0));
create table bits_bad(a bit(83886081));
create table bits_bad(a varbit(0));
-- a definition that keeps bits
create view bits_view as select id, a, b from bits where a > B'0001';
select * from bits_view order by id;
drop view bits_view;
drop table bits;
