-- Statements that differ in the number of a type alone are different statements
select 'abc'::varchar(1);
select 'abc'::varchar(2);
select cast('abc' as char(2));
select cast('abc' as char(4));
select 1.2345::numeric(10,1);
select 1.2345::numeric(10,3);
select timestamp(1) '2024-01-01 10:00:00.123456';
select timestamp(2) '2024-01-01 10:00:00.123456';
select '10:00:00.126'::time(1);
select '10:00:00.126'::time(2);
select interval '1.234567' second(1);
select interval '1.234567' second(2);
select interval(1) '1.234567';
select interval(3) '1.234567';
