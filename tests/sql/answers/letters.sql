-- Letters beyond ASCII, by the locale's character classes
select upper('é'), lower('ÉÄß'), initcap('éa öB ñ'), upper('ß'), upper('ÿ'), lower('İ'), upper('ǆ');
select 'É' ilike 'é', 'É' ~* 'é', 'é' ~ '\w', 'é' ~ '[[:alpha:]]', 'É' ~ '[[:upper:]]',
    'É' ~ '[[:lower:]]', '٣' ~ '\d', 'é' ~ '[[:punct:]]', '€' ~ '[[:punct:]]',
    '—' ~ '[[:punct:]]', ' ' ~ '\s', 'Ω' ~* 'ω';
select 'x' < 'é', 'é' < 'z', 'É' < 'é';
select regexp_replace('Éa éb', '\y\w', '<>', 'g'), regexp_matches('naïve', '\w+'), regexp_split_to_array('a—b', '\W');
show lc_ctype;
show lc_collate;
select datcollate, datctype from pg_database where datname = current_database();
select 'É'::text ilike '%é%', 'Straße' ilike 'STRASSE', 'ñ' similar to '[[:alpha:]]';
show lc_messages;
show lc_monetary;
show lc_numeric;
show lc_time;
