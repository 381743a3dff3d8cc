-- RETURNING of UPDATE with FROM and of DELETE with USING names what stands there too, and a star has it all.
CREATE TABLE a (id integer PRIMARY KEY, v text, n numeric DEFAULT 1.0);
CREATE TABLE b (id integer, w integer, m numeric);
INSERT INTO a VALUES (1, 'a', 1.50), (2, 'b', 2), (3, 'c', 3.0);
INSERT INTO b VALUES (1, 10, 1.5), (2, 20, 2.00), (4, 40, 4);
-- any order
UPDATE a SET v = v || b.w FROM b WHERE a.id = b.id RETURNING *;
UPDATE a SET v = 'x' FROM b WHERE a.id = b.id AND w = 10 RETURNING a.*, w * 2 AS double, a.v || b.id;
UPDATE a t SET n = n + m FROM b s WHERE t.n = s.m AND t.id = 2 RETURNING t.id, n, m, n = m, s.*;
UPDATE a SET v = 'y' FROM b LEFT JOIN (VALUES (10, 'ten')) l(k, name) ON l.k = b.w WHERE a.id = b.id AND b.id = 1
	RETURNING a.id, name, coalesce(name, 'none');
UPDATE a SET v = 'z' FROM b RIGHT JOIN (VALUES (40, 'forty'), (41, 'more')) l(k, name) ON l.k = b.w
	WHERE a.id = k - 38
	RETURNING a.id, b.id, name;
UPDATE a SET v = 'z' FROM generate_series(1, 1) g WHERE a.id = g RETURNING g, a.v;
UPDATE a SET v = 'once' FROM (VALUES (3), (3)) AS s(k) WHERE a.id = k RETURNING v, k;
UPDATE a SET (v, n) = (w::text, DEFAULT) FROM b WHERE a.id = b.id AND b.id = 2 RETURNING v, n, w;
UPDATE a SET v = 'self' FROM a o WHERE o.id = a.id - 1 AND a.id = 3 RETURNING a.id, o.id, o.v;
WITH s AS (SELECT 1 AS k, 'from with' AS name) UPDATE a SET v = name FROM s WHERE id = k RETURNING *;
WITH u AS (UPDATE a SET v = 'in with' FROM b WHERE a.id = b.id AND b.id = 1 RETURNING a.id, w) SELECT * FROM u;
WITH u AS (DELETE FROM a USING b WHERE a.id = b.id AND b.id = 1 RETURNING a.id, w, m)
	INSERT INTO b SELECT id + 100, w, m FROM u RETURNING *;
-- any order
SELECT * FROM b;
-- with 2 | 3
UPDATE a SET v = $1 FROM b WHERE a.id = b.id AND b.id = $1::integer RETURNING *, $2::integer + w;
DELETE FROM a USING b WHERE a.id = b.id RETURNING a.v, b.*;
SELECT * FROM a ORDER BY id;
CREATE VIEW av AS SELECT id AS i, v FROM a WHERE id > 2;
INSERT INTO b VALUES (3, 30, 3);
UPDATE av SET v = 'through' FROM b WHERE i = b.id RETURNING *;
DELETE FROM av USING b WHERE i = b.id RETURNING i, w;
SELECT * FROM a ORDER BY id;
-- Mistakes.
INSERT INTO a VALUES (1, 'a', 1.50), (2, 'b', 2), (3, 'c', 3.0);
UPDATE a SET v = 'x' FROM b WHERE a.id = b.id RETURNING id;
UPDATE a SET v = 'x' FROM b WHERE a.id = b.id RETURNING nothing;
UPDATE a SET v = 'x' FROM b WHERE a.id = b.id RETURNING c.id;
UPDATE a SET id = 1 FROM b WHERE a.id = b.id RETURNING b.id;
-- refused
UPDATE a SET n = (SELECT sum(n) FROM a) FROM b WHERE a.id = b.id RETURNING b.id;
UPDATE a SET n = (SELECT sum(w) FROM b) FROM b WHERE a.id = b.id AND b.id = 2 RETURNING b.id, n;
SELECT * FROM a ORDER BY id;
DROP VIEW av;
DROP TABLE a, b;
