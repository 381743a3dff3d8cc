-- format() with positions and widths, VARIADIC of texts, and names that are quoted.
select format('>>%10s<<', 'Hello'), format('>>%-10s<<', 'Hello'), format('>>%10s<<', null), format('>>%-s<<', 'x');
select format('>>%1$10s<<', 'Hello'), format('>>%1$-10I<<', 'Hello'), format('>>%2$*1$L<<', 10, 'Hello'),
    format('>>%*s<<', 10, 'x');
select format('>>%*1$s<<', 10, 'Hello'), format('>>%2$*1$L<<', -10, null), format('>>%2$*1$L<<', null, 'Hello'),
    format('%2$*1$s', 0, 'a');
select format('%3s|%-3s|%s|%%|%L|%I', 'äö', 'ß', 'long', 'it''s', 'a b'), format('%1$s %3$s %s', 1, 2, 3);
select format('%s %s', 'x');
select format('%');
select format('abc%');
select format('%1$');
select format('%1$-');
select format('%*');
select format('%x', 1);
select format('%ä', 1);
select format('%0$s', 'x');
select format('%1$*0$s', 'x');
select format('%*1s', 'x');
select format('%1s$', 'x');
select format('%99999999999s', 'x');
select format('%*s', 'abc', 'x');
select format('%*s', -2147483648, 'x');
select format('%*s', 5.5, 'x');
select format('%*s', '7', 'x'), format('%*s', 3::bigint, true), format(null, 1), format('x', 1), format('');
select format('%I', null);
select format('%I', 'index'), format('%I', 'select'), format('%I', 'table'), format('%I', 'key'), format('%I',
    'between');
select quote_ident(w) from unnest(array['index', 'user', 'order', 'time', 'int', 'key', 'view', 'begin', 'left',
    'name', 'glob', 'without',
    'authorization', 'a', 'A', '_1', '1a', 'a b', 'a"b', '', 'ü', 'values', 'text', 'timestamp', 'isnull',
    'collation', 'abort', 'attach']) w;
select format('%s, %s', variadic array['Hello', 'World']), format('%2$s, %1$s', variadic array[1, 2]),
    format('%s|%s', variadic array[true, null]);
select format('Hello', variadic null::int[]), format(null, variadic array[1]), format('%s %L', variadic
    '{a,"b c"}'::text[]);
select format('%s', variadic array[]::int[]);
select format('%s', variadic 5);
select format('%3$s', variadic array['a', 'b']);
select concat_ws(',', variadic array[1, 2, 3]), concat_ws(',', variadic null::int[]), concat_ws(null, variadic
    array[1, 2]),
    concat_ws(', ', variadic array['a', null, 'b']), concat_ws(',', variadic '{}'::int[]), concat(variadic array[1,
    null, 3]);
select concat_ws(',', variadic 10);
select concat_ws(',', variadic array[1.5, 2.50]), concat_ws('|', variadic array['2024-01-02'::date, null]),
    concat_ws('|', variadic array[1.5::float8, 'NaN']), concat_ws('|', variadic array['10.0.0.1'::inet]);
set timezone = 'America/New_York';
select concat_ws('|', variadic array['2024-01-02 12:00+00'::timestamptz]), format('%s', variadic
    array['2024-01-02 12:00+00'::timestamptz]);
reset timezone;
select format(string_agg('%s', ','), variadic array_agg(i)) from generate_series(1, 20) g(i);
