-- Regular expressions match what PostgreSQL's match, also those that a backtracking or caching matcher takes for ever
-- with
-- may refuse
select 'a' ~ '^abcd*(((((^(a c(e?d)a+|)+|)+|)+|)+|a)+|)';
select 'a' ~ '(((((a+|)+|)+|)+|)+|)+';
select 'a' ~ '(((((a+|)++|)++|)++|)++|)+';
select 'ab' ~ '^(((((a|b|)+|c|)+|d|)+|e|)+|f|)+$';
-- may refuse
select 'x' ~ '^((^|$|a|b|)*|d|)*$', '' ~ '^((((((((^|a)*|)*|^)*|$)*|)*|)*|)*|)*$';
select repeat('a', 20000) ~ 'a.*c', repeat('a', 20000) ~ '(x+x+)+y', repeat('ab', 5000) ~ '(a|b)*a(a|b){50}c';
select substring(repeat('a', 20000) || 'bc' from 'a.*(b)c');
select length(regexp_replace(repeat('ab', 3000), 'a(.)', '\1\1', 'g'));
select 'abc' ~ 'b', 'abc' ~ '^b', 'abc' ~ 'c$', 'aBc' ~ 'b', 'aBc' ~* 'b', 'aBc' ~ '(?i)b', '' ~ '', 'a' ~ '',
    null ~ 'a';
select 'abc' !~ 'b', 'abc' !~* 'B';
select 'ab' ~ 'a|', '' ~ '^(|a)$', 'b' ~ '^(a||b)$', '' ~ '^()$';
select 'a**' ~ 'a**';
select 'a' ~ '*a';
select 'a' ~ '(*a)';
select 'a' ~ 'a|*';
select 'a' ~ 'a{1}{2}';
select 'aaa' ~ '^a{3}$', 'aaa' ~ '^a{2}$', 'aaa' ~ '^a{2,}$', 'aaa' ~ '^a{1,2}$', 'a{' ~ 'a{', 'a{x}' ~ '^a{x}$';
select 'a' ~ 'a{300}';
select 'a' ~ 'a{1';
select 'a' ~ 'a{2,1}';
select 'a' ~ 'a{1,x}';
select 'a' ~ '(';
select 'a' ~ '[';
select 'a' ~ '[b-a]';
select 'a' ~ '[[:nothing:]]';
select 'a' ~ 'a\';
select 'a5 _' ~ '^\w\d\s\w$', 'a' ~ '\d', '-' ~ '\W', 'a' ~ '\S', 'a' ~ '\D';
select 'a]b' ~ '^a[\]]b$', 'a-b' ~ '^a[x\-z]b$', 'ayb' ~ '^a[x\-z]b$', 'a^b' ~ '^a[x\^]b$', 'a]b' ~ '^a[]x]b$',
    'a]b' ~ '^a[^\]]b$', 'a\b' ~ '^a[\\]b$';
select 'a7' ~ '^[a-c\d]+$', 'a b' ~ '^[[:alpha:]\s]+$', 'a.b' ~ 'a\.b', 'axb' ~ 'a\.b', 'axb' ~ 'a.b';
select 'foo bar' ~ '\mbar', 'foobar' ~ '\mbar', 'foo bar' ~ 'foo\M', 'foobar' ~ 'foo\M', 'foo' ~ '\yfoo\y',
    'foo' ~ 'o\Yo';
select 'aab' ~ '^a+?b$', 'ab' ~ '(?:a)b', 'a' ~ '***:a';
select 'é' ~ '^.$', 'aéb' ~ '^a.b$', 'éa' ~ '^[é]a$', 'ñandú' ~ '^[^x]{5}$', '日本' ~ '^..$';
select substring('foobar' from 'o(.)b'), substring('foobar' from 'o.b'), substring('foobar' from 'x'),
    substring('été' from 't(.)');
select substring('abcd' from 'a|ab|abc'), substring('xaby' from '(a|ab)(c|bcd)?'), substring('aaa' from 'a*');
select regexp_replace('foobarbaz', 'b..', 'X'), regexp_replace('foobarbaz', 'b..', 'X', 'g'),
    regexp_replace('foobarbaz', 'b(..)', 'X\1Y', 'g');
select regexp_replace('Thomas', '.[mN]a.', 'M'), regexp_replace('aBc', 'b', 'x', 'i'),
    regexp_replace('abc', '(b)', '[\&]'), regexp_replace('abc', 'b', '\\');
select regexp_replace('abc', '', '-', 'g'), regexp_replace('abc', 'x*', '-', 'g'), regexp_replace('', '^', 'x'),
    regexp_replace('été', '.', '-', 'g'), regexp_replace('a1b22', '[0-9]+', '', 'g');
select regexp_replace('foo bar', '\mb', 'B', 'g'), regexp_replace('one two', '\m(\w)', '<\1>', 'g');
select regexp_match('foobarbequebaz', 'bar.*que'), regexp_match('foobarbequebaz', '(bar)(beque)'),
    regexp_match('abc', 'x'), regexp_match('abc', '(x)|b');
select 'a' ~ '(a';
select 'aa' ~ '(a)\1';
select 'ab' ~ 'a(?=b)';
select substring('aab' from 'a+?');
select regexp_replace('aab', '(?:a)+', 'x');
select regexp_replace('aab a', '\ma', 'x', 'g'), regexp_replace('ab ab', '\Yb', 'x', 'g'),
    regexp_replace('ete a', '\y', '|', 'g'), regexp_replace('one two', '\w\M', '', 'g');
select regexp_replace(repeat('a', 300) || ' a', '\ma', 'x', 'g') = 'x' || repeat('a', 299) || ' x';
select 'd0e7a1b2-0000-4000-8000-0123456789ab' ~ '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$',
    '10.20.30.255' ~ '^(\d{1,3}\.){3}\d{1,3}$',
    'a.b@example.org' ~* '^[A-Z0-9._%+-]{1,64}@(?:[A-Z0-9-]{1,63}\.){1,2}[A-Z]{2,63}$';
-- A pattern that is compiled once for a statement is another one where its options or its text change from row to row
select regexp_replace(t, 'a', 'x', o) from (values ('aAa', 'g'), ('aAa', 'i'), ('aAa', 'gi'), ('aAa', ''), ('AAA', 'g'),
    ('AAA', 'i')) v(t, o);
select regexp_match(t, p), t ~ p, t ~* p, substring(t from p) from (values ('abc', 'b'), ('abc', 'C'), ('aBc', 'b'),
    (null, 'b'), ('abc', null), ('x y', '\mY')) v(t, p);
select regexp_match(t, '(b)(x)?', o) from (values ('abc', 'i'), ('aBx', ''), ('aBX', 'i')) v(t, o);
select regexp_replace('a word', '\mw\w+\M', '<\&>'), regexp_match('a1b', '\d'), substring('one two' from '\yt\w'),
    'ab' ~ '\Yb';
