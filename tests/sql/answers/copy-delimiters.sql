-- A COPY whose delimiter or quote could be a part of a value or of a null is refused.
copy (select 1, 2) to stdout (delimiter 'x');
copy (select 1, 2) to stdout (delimiter '0');
copy (select 1, 2) to stdout (delimiter '.');
copy (select 1, 2) to stdout (delimiter '\');
copy (select 1, 2) to stdout (delimiter 'N');
copy (select 1, 2) to stdout (delimiter 'X', null 'aXb');
copy (select 1, 2) to stdout (delimiter '|', null '|');
copy (select 1, 2) to stdout (format csv, null 'a,b');
copy (select 1, 2) to stdout (format csv, null 'a"b');
copy (select 1, 2) to stdout (format csv, delimiter 'x', null 'x');
copy (select 1, 2) to stdout (format csv, quote 'q', null 'aqb');
