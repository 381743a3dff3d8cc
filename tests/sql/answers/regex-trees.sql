-- Regular expressions with look-ahead, look-behind, back references, groups that capture nothing and what is not
    greedy.
select regexp_match('foobar', '(?<=foo)b.*'), regexp_match('foobar', 'foo(?=bar)'), regexp_match('foobaz',
    'foo(?!bar)(.*)');
select 'xz' ~ 'x(?=[xy])', 'xy' ~ 'x(?![xy])', 'zyy' ~ '(?<![xy])yy+', 'Äb' ~* '(?<=ä)b';
select regexp_match('abc', '(?:a)(b)'), regexp_match('abcabc', '(abc)\1'), 'abcabd' ~ '^(.*)\1$', 'xABab' ~* '(ab)\1';
select regexp_match('<a><b>', '<.*?>'), regexp_match('<a><b>', '<.*>'), regexp_match('aaa', 'a{1,2}?'),
    regexp_match('aaa', 'a+?$');
select regexp_match('XY1234Z', 'Y*([0-9]{1,3})'), regexp_match('XY1234Z', 'Y*?([0-9]{1,3})'),
    regexp_match('abc01234xyz', '(.*)(\d+)(.*)'),
    regexp_match('abc01234xyz', '(.*?)(\d+)(.*)'), regexp_match('abc01234xyz', '(?:(.*?)(\d+)(.*)){1,1}');
select regexp_replace('2024-01-02', '(\d+)-(\d+)-(\d+)', '\3.\2.\1'), regexp_replace('foobarrbazz', '(.)\1', 'X\&Y',
    'g');
select regexp_replace('a,b;c', '(?:,|;)', ' ', 'g'), regexp_split_to_array('a1b22c', '(?:\d)+'), substring('foobar'
    from '(?:o)(b.)');
select array(select x::text from regexp_matches('one two', '(\w+?)\M', 'g') x), regexp_count('aXbXc', '(?<=X)[a-z]'),
    '' ~ '\y', '' ~ '\Y';
select 'a' ~ '($|^)*', 'a' ~ '(^)+^', 'a' ~ '(^$)*', 'x' ~ 'abcd(\m)+xyz', 'aa x' ~ '(^(?!aa)(?!bb))+';
select 'xyz' ~ 'x(\w)(?=\1)';
select 'a' ~ '(?=a)*';
select 'a' ~ '(?=a';
select 'a' ~ 'a**';
select 'a' ~ '\2(a)';
select 'a' ~ '(a)(?<x)';
select 'a' ~ '(?:a{2,1})';
select 'a' ~ '(?:[b-a])';
select 'a' ~ '(?:[[:nothing:]])';
select 'a' ~ '(?:\q)';
select regexp_match('line1
line2', '^(?:line)(.)$', 'n'), regexp_match('line1
line2', '(?:line)(.)$'), 'a
b' ~ '(?n)a(?:.)b', 'A' ~ '(?i)(?:a)';
select substring('abcdefg' similar 'a#"(b_d)#"%' escape '#'), substring('abcdefg' from 'a#"(b_d)#"%' for '#'),
    substring('abcdefg' similar '#"(b_d)#"%' escape '#') is null, substring('abcdefg' similar 'a#"%#"g' escape '#');
select substring('abcdefg' similar 'a*#"%#"g*' escape '#'), substring('abcdefg' similar 'a|b#"%#"g' escape '#'),
    substring('abcdefg' similar 'a#"%#"x|g' escape '#'), substring('abcdefg' similar 'a#"%|ab#"g' escape '#');
select substring('abcdefg' similar 'a*#"%#"g*#"x' escape '#');
select substring('abcdefg' similar 'a#"%g' escape '#'), substring('abcdefg' similar 'a%g' escape '#'), substring('a'
    similar null escape '#'),
    substring('abcdefg' similar '%' escape null), substring(null similar '%' escape '#');
select 'abcdefg' similar to 'a#"%#"g' escape '#';
