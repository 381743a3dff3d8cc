-- The DETAIL of a duplicate key: of rows of VALUES, by constants and by parameters, and of keys that are deferred.
create table dup (i integer primary key, a int, b text, n numeric(6,2), "Odd, name" text, d date,
    unique (a, b), unique (n), unique ("Odd, name"), unique (d));
insert into dup values (7, 1, 'x', 1.50, 'odd', '2024-02-29');
-- with detail
insert into dup values (7, 2, 'y');
-- with detail
-- with 7 | 2 | z
insert into dup values ($1, $2, $3);
-- with detail
insert into dup (i, b, a) values (8, 'x', 1);
-- with detail
insert into dup (i, n) values (8, 1.5);
-- with detail
insert into dup (i, n) values (8, '1.499');
-- with detail
insert into dup (i, "Odd, name") values (8, 'odd');
-- with detail
insert into dup (i, d) values (9, '29 Feb 2024');
-- with detail
insert into dup (i, a, b) values (10, 3, 'p'), (11, 4, 'q'), (12, 3, 'p'), (7, 0, 'r');
-- with detail
insert into dup (i, n) values (10, 3), (11, 3.0), (12, 1.5);
-- with detail
insert into dup (i, a, b) values (10, null, 'p'), (11, null, 'p'), (7, 3, 'p');
-- with detail
insert into dup (i, a) values (-7, 1), (- 7, 2) returning i;
insert into dup (i, a) values (8, 1), (7, 1) on conflict (a, b) do nothing;
select * from dup order by i;
create table dup_serial (id serial primary key, email varchar(20) unique, active bool default true);
insert into dup_serial (email) values ('a@example.org');
-- with detail
insert into dup_serial (email) values ('a@example.org');
-- with detail
insert into dup_serial values (default, 'a@example.org');
-- with detail
insert into dup_serial values (1, 'b@example.org');
-- with detail
insert into dup_serial (email) values ('100%s'), ('100%s');
select count(*), min(id) from dup_serial;
create table dup_kinds (u uuid unique, t timestamptz unique, y bytea unique,
    f float8 unique, c char(4) unique, j jsonb unique, l int[] unique);
insert into dup_kinds values ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '2024-01-01 10:00+02',
    '\xdead', 0.1, 'ab', '{"a": 1}', '{1,2}');
-- with detail
insert into dup_kinds (u) values ('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11');
-- with detail
insert into dup_kinds (t) values ('2024-01-01 08:00+00');
-- with detail
insert into dup_kinds (y) values ('\xDEAD');
-- with detail
insert into dup_kinds (f) values (0.1);
-- with detail
insert into dup_kinds (c) values ('ab');
-- with detail
insert into dup_kinds (j) values ('{"a":1}'::jsonb);
-- with detail
insert into dup_kinds (l) values ('{1, 2}');
create table dup_late (a int, b text, unique (a, b) deferrable);
insert into dup_late values (1, 'x'), (2, 'x');
-- with detail
insert into dup_late values (1, 'x');
-- with detail
update dup_late set a = 2;
create unique index dup_some on dup_late (b) where a > 10;
insert into dup_late values (11, 'y'), (12, 'y');
