-- Arrays that are cast where they are written
select array[1,'2']::float8[], array['1',2.5]::int[], array[[1,'2'],['3',4]]::text[],
    array[array[1],array['2']]::numeric[];
select array['abcdef','x']::varchar(3)[], array[1.239, 2]::numeric(5,2)[], array[null, '1']::int[], array[[]]::int[];
select array['x']::int[];
select array[1,0]::bool[], array[true]::text[], array['2024-01-01', now()]::date[] is not null;
select array[array[1,2], '{3,4}']::int[];
