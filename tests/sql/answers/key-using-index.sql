-- ADD CONSTRAINT ... USING INDEX: the index becomes the key, with its name or another
create table made (a int, b text, c int);
create unique index made_a on made (a);
create unique index made_b on made (b, c);
create index made_plain on made (c);
create unique index made_expr on made (lower(b));
create unique index made_part on made (c) where c > 0;
create unique index made_desc on made (c desc);
create unique index made_ops on made (b text_pattern_ops);
create unique index made_collated on made (b collate "POSIX", c);
insert into made values (1, 'x', 1), (2, 'x', 2);
insert into made values (null, 'y', 3);
alter table made add primary key using index made_a;
delete from made where a is null;
alter table made add primary key using index made_a;
alter table made add constraint made_key unique using index made_b deferrable initially deferred;
alter table made add unique using index made_plain;
alter table made add unique using index made_expr;
alter table made add unique using index made_part;
alter table made add unique using index made_desc;
alter table made add unique using index made_ops;
-- may refuse
alter table made add unique using index made_collated;
alter table made add unique using index nowhere;
alter table made add unique using index made_a;
alter table made add primary key using index made_desc;
create table other (a int);
alter table other add unique using index made_part;
select conname, contype, condeferrable, condeferred, pg_get_constraintdef(oid) from pg_constraint
    where conrelid = 'made'::regclass order by 1;
select indexrelid::regclass, indisunique, indisprimary from pg_index where indrelid = 'made'::regclass
    order by indexrelid::regclass::text;
insert into made values (1, 'z', 9);
insert into made values (null, 'z', 9);
begin;
insert into made values (3, 'x', 1);
update made set c = 5 where a = 3;
commit;
insert into made values (4, 'x', 1);
drop index made_a;
select * from made order by a;
drop table made, other;
