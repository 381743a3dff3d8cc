-- The type "char": one byte, which octal digits may say
select 'a'::"char", '\101'::"char", '\377'::"char", ''::"char", 'abc'::"char", '\000'::"char"::text,
    length('\000'::"char"::text);
select 'a'::text::"char", 'bcd'::varchar::"char", 65::"char", (-1)::"char", 0::"char" = '';
select 200::"char";
select '\400'::"char", '\08'::"char", '\1012'::"char";
