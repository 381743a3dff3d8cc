-- information_schema.columns says in which schema a column's type is
create type st_mood as enum ('a', 'b');
create type st_addr as (street text, zip int);
create domain st_pos as int check (value > 0);
create domain st_moods as st_mood[];
create table st(a int, m st_mood, ms st_mood[], d st_pos, dm st_moods, r st_addr, x text[]);
create view st_view as select m, x, a from st;
select table_name, column_name, udt_schema, udt_name, domain_schema, domain_name, data_type
    from information_schema.columns where table_name in ('st', 'st_view') order by table_name, ordinal_position;
drop view st_view;
drop table st;
drop domain st_moods;
drop domain st_pos;
drop type st_addr;
drop type st_mood;
