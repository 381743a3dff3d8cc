-- inet, cidr, macaddr and macaddr8: input, output, columns, casts, operators and functions.
select '192.168.1.5'::inet, '192.168.1.5/24'::inet, '10/8'::inet, '10.1.2/24'::inet, '::1'::inet, 'FE80::1/64'::inet;
select '10.1.2'::inet;
select '1.2.3.4.5'::inet;
select '1.2.3.256'::inet;
select '1.2.3.4/33'::inet;
select ''::inet;
select ' 1.2.3.4'::inet;
select '1.2.3.4 '::inet;
select '1.2.3.4'::cidr, '10'::cidr, '10.1'::cidr, '172.16'::cidr, '192.168.1'::cidr, '224'::cidr, '240.1'::cidr,
    '224.1'::cidr;
select '0x0a'::cidr, '0xc0a801'::cidr, '0xabc'::cidr, '192.168.1.0/26'::cidr, '2001:db8::/32'::cidr, '::/0'::cidr,
    '0.0.0.0/0'::cidr;
select '192.168.1.2/30'::cidr;
select '192.168.1.2/24'::cidr;
select '::1/32'::cidr;
select '0xg'::cidr;
select '::'::inet, '1::'::inet, '::1.2.3.4'::inet, '::ffff:1.2.3.4'::inet, '::ffff:0:1'::inet, '1:0:0:2:0:0:0:3'::inet,
    '1:0:2:3:4:5:6:7'::inet, '::2'::inet, '::1:2'::inet, '0:0:0:0:0:0:0:1/128'::inet, '::1.2.3.4/96'::inet,
    '1:2:3:4:5:6:7::'::inet;
select '1:2:3:4:5:6:7:8:9'::inet;
select '1::2::3'::inet;
select '12345::'::inet;
select ':1::'::inet;
select '::1/129'::inet;
select '::1/064'::inet;
select '::01.2.3.4'::inet;
select ':::'::inet;
select '1:'::inet;
select 'g::'::inet;
select '10.1.2.3/8'::inet::text, '10.1.2.3'::inet::text, '10.0.0.0/8'::cidr::text, '::1'::inet::varchar,
    '10.0.0.1'::inet::char(20);
select '10.1.2.3/8'::inet::cidr, '10.0.0.0/8'::cidr::inet, '10.1.2.3'::text::inet, '10.1.2.3'::inet::cidr;
select 5::inet;
select '10.0.0.1'::inet::int;
select concat('10.0.0.1'::inet, ' ', '10.0.0.1'::cidr), format('%s', '10.0.0.1'::inet), '10.0.0.1'::inet || '!',
    'x' || '10.0.0.1'::inet, quote_literal('10.0.0.1'::inet), concat_ws(',', '::1'::inet, null, '::'::cidr);
select to_json('10.0.0.1'::inet), to_jsonb('10.0.0.0/8'::cidr), json_build_object('a', '10.0.0.1'::inet),
    json_agg(x) from (values ('10.0.0.1'::inet)) v(x);
select row_to_json(v) from (values ('10.0.0.1'::inet, '10.0.0.0/8'::cidr, '08:00:2b:01:02:03'::macaddr)) v(a, b, c);
select host('10.1.2.3/8'), host('::1/64'::inet), text('10.1.2.3'::inet), abbrev('10.1.2.3/8'::inet),
    abbrev('10.1.2.3'::inet),
    abbrev('10.1.0.0/16'::cidr), abbrev('10.1.2.3'::cidr), abbrev('0.0.0.0/0'::cidr), abbrev('192.168.128.0/17'::cidr);
select family('10.0.0.1'), family('::1'), masklen('10.0.0.0/8'), masklen('::1'), netmask('192.168.1.5/20'),
    hostmask('192.168.1.5/20'),
    network('192.168.1.5/20'), broadcast('192.168.1.5/20'), netmask('::1/64'), hostmask('::1/120'),
    broadcast('::1/120'), network('::1/64');
select netmask('10.0.0.1/0'), hostmask('10.0.0.1/0'), netmask('10.0.0.1'), hostmask('10.0.0.1'), broadcast('10.0.0.1');
select set_masklen('192.168.1.5/24', 16), set_masklen('192.168.1.0/24'::cidr, 16), set_masklen('192.168.1.5/24', -1),
    set_masklen('::1', 64);
select set_masklen('192.168.1.5/24', 33);
select set_masklen('192.168.1.5/24', -2);
select inet_merge('192.168.1.5/24', '192.168.2.5/24'), inet_merge('10.0.0.1', '10.0.0.1'), inet_merge('::1', '::2');
select inet_merge('10.0.0.1', '::1');
select inet_same_family('10.0.0.1', '::1'), inet_same_family('10.0.0.1', '10.0.0.2');
select inet '10.0.0.5' << '10.0.0.0/24', inet '10.0.0.5' <<= '10.0.0.5', inet '10.0.0.0/24' >> '10.0.0.5', inet
    '10.0.0.0/24' >>= '10.0.0.0/24',
    inet '10.0.0.0/24' << '10.0.0.0/24', inet '10.0.0.0/24' && '10.0.0.128/25', inet '10.0.0.0/24' && '10.0.1.0/24',
    inet '::1' << '0.0.0.0/0';
select ~ inet '10.0.0.5/8', inet '10.1.2.3' & '255.255.0.0', inet '10.1.2.3/8' | '0.0.0.255/16', inet '10.0.0.1' + 5,
    5 + inet '10.0.0.1/24',
    inet '10.0.0.1' - 1, inet '10.0.0.255' + 1, inet '10.0.0.5' - inet '10.0.0.1', inet '10.0.0.1' - '10.0.0.5', ~
    inet '::1';
select inet '::ffff' + 1, inet '::' - inet '::5', inet '1::' - inet '::ffff:ffff:ffff:ffff';
select inet '10.0.0.1' & '::1';
select inet '10.0.0.1' | '::1';
select inet '10.0.0.1' - inet '::1';
select inet '255.255.255.255' + 1;
select inet '0.0.0.0' - 1;
select inet '::' - 1;
select inet '127::1' - inet '126::1';
select inet '::' + 9223372036854775807, inet 'ffff::' + (-9223372036854775808), inet '128.0.0.0' + (-2147483648);
select inet '10.0.0.1' < '10.0.0.2', inet '10.0.0.0/8' < '10.0.0.0/16', cidr '10.0.0.0/8' = inet '10.0.0.0/8', inet
    '10.0.0.1' < '::',
    inet '10.0.0.1/8' <> '10.0.0.1', inet '10.0.0.1' = cidr '10.0.0.1', inet '9.255.255.255' > '10.0.0.0/8';
create table networks(id int primary key, a inet, b cidr, c macaddr, d macaddr8, e inet[] default '{}');
insert into networks values (1, '10.1.2.3', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05',
    '{10.0.0.1,::1/64}'),
    (2, '192.168.0.1/24', '192.168.0/24', '08002b:010204', '08002b010204', '{}'), (3, '::1', '::/0', null, null, null),
    (4, '10.1.2.3/16', '10.1', '08-00-2B-01-02-03', null, '{NULL}'), (5, null, null, null, null, null), (6,
    '10.0.0.0/8', '10/8', null, null);
insert into networks (id, a) values (7, 'nowhere');
insert into networks (id, b) values (7, '10.1.2.3/8');
insert into networks (id, b) values (7, '10.1.2.3/8'::inet);
insert into networks (id, a) values (8, '10.1.2.0/24'::cidr);
insert into networks (id, a) values (9, 5);
select * from networks order by id;
select id, a from networks order by a nulls first, id;
select id, b from networks order by b desc nulls last, id;
select a, count(*) from networks group by a order by a;
select distinct a from networks order by a;
select min(a), max(a), min(b), max(b) from networks;
select id from networks where a = '10.1.2.3' order by id;
select id from networks where a << '10.0.0.0/8' order by id;
select id from networks where a <<= b order by id;
select id, a = any(e), e[1], array_length(e, 1), e || inet '1.2.3.4' from networks order by id;
select x from networks, unnest(e) x order by x;
select array_agg(a order by a) from networks where a is not null;
select array['10.0.0.1'::inet, '9.0.0.1'] < array['10.0.0.1'::inet, '10.0.0.0'], '{9.0.0.1}'::inet[] < '{10.0.0.1}',
    '{10.0.0.1}'::inet[] @> '{10.0.0.1}';
create index networks_a on networks (a);
create unique index networks_c on networks (c, a);
select id from networks where a > '10.0.0.0' and a < '192.0.0.0' order by id;
select id from networks where a in ('10.1.2.3', '::1') order by id;
update networks set a = a + 1 where id < 4;
select id, a from networks where id < 4 order by id;
select x.id, y.id from networks x join networks y on x.a = y.b order by 1, 2;
select a from networks union select b from networks order by 1;
select coalesce(a, '0.0.0.0'), case when a is null then '::' else a end, greatest(a, '10.1.2.3'), nullif(a, '::1')
    from networks order by id;
select format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'networks'::regclass and attnum > 0 order
    by attnum;
select typname, typlen, typcategory, typispreferred from pg_type where typname in ('inet', 'cidr', 'macaddr',
    'macaddr8') order by 1;
create table networks_default(a inet default '127.0.0.1', b cidr default '10.0.0.0/8', c macaddr default
    '08:00:2b:01:02:03');
insert into networks_default default values;
select * from networks_default;
select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'networks_default'::regclass order by adnum;
create view networks_view as select id, a, host(a) as h from networks where a << '10.0.0.0/8';
select * from networks_view order by id;
drop view networks_view;
drop table networks_default;
drop table networks;
select '08:00:2b:01:02:03'::macaddr, '08-00-2b-01-02-03'::macaddr, '08002b:010203'::macaddr,
    '08002b-010203'::macaddr, '0800.2b01.0203'::macaddr,
    '0800-2b01-0203'::macaddr, '08002B010203'::macaddr, ' 8:0:2b:1:2:3 '::macaddr;
select '08:00:2b:01:02'::macaddr;
select '08:00:2b:01:02:03:04'::macaddr;
select '08:00:2b:01:02:0g'::macaddr;
select '08:00:2b:01:02:100'::macaddr;
select '08:00:2b:01:02:03'::macaddr8, '08:00:2b:01:02:03:04:05'::macaddr8, '0800.2b01.0203.0405'::macaddr8,
    '08002b0102030405'::macaddr8,
    '08-00-2b-01-02-03'::macaddr8, ' 08002b:010203 '::macaddr8;
select '08:00:2b:01:02-03'::macaddr8;
select '08:00:2b:01:02'::macaddr8;
select '0:0:2b:01:02:03'::macaddr8;
select '08:00:2b:01:02:03'::macaddr::macaddr8, '08:00:2b:ff:fe:01:02:03'::macaddr8::macaddr,
    '08:00:2b:01:02:03'::macaddr::text;
select '08:00:2b:01:02:03:04:05'::macaddr8::macaddr;
select ~ macaddr '08:00:2b:01:02:03', macaddr '08:00:2b:01:02:03' & 'ff:ff:ff:00:00:00', macaddr '08:00:2b:01:02:03'
    | '00:00:00:ff:ff:ff',
    trunc(macaddr '08:00:2b:01:02:03'), trunc(macaddr8 '08:00:2b:01:02:03:04:05'),
    macaddr8_set7bit('00:34:56:ab:cd:ef'),
    ~ macaddr8 '08:00:2b:01:02:03:04:05', macaddr8 '08:00:2b:01:02:03:04:05' & '00:00:00:00:00:00:00:ff';
select macaddr '08:00:2b:01:02:03' < '08:00:2b:01:02:04', macaddr '08:00:2b:01:02:03' = '08002b010203',
    macaddr '08:00:2b:01:02:03' = macaddr8 '08:00:2b:ff:fe:01:02:03';
select inet_server_addr() is null, inet_client_addr() is null;
