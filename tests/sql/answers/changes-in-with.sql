-- INSERT, UPDATE and DELETE in WITH: all parts see what was there before, and one answer has what they return.
CREATE TABLE a (id integer PRIMARY KEY, v text);
CREATE TABLE b (id integer, v text);
INSERT INTO a VALUES (1, 'one'), (2, 'two'), (3, 'three'), (4, 'four');
-- any order
WITH gone AS (DELETE FROM a WHERE id > 3 RETURNING *) INSERT INTO b SELECT * FROM gone RETURNING id, v;
SELECT * FROM a ORDER BY id;
SELECT * FROM b ORDER BY id;
WITH gone AS (DELETE FROM a WHERE id = 3) INSERT INTO b VALUES (30, 'thirty');
WITH up AS (UPDATE a SET v = v || '!' RETURNING id, v) SELECT id, v, length(v) FROM up ORDER BY id;
-- What is read is what was there.
WITH up AS (UPDATE a SET v = upper(v)) SELECT * FROM a ORDER BY id;
SELECT * FROM a ORDER BY id;
WITH more AS (INSERT INTO a VALUES (10, 'ten'), (11, 'eleven') RETURNING id) SELECT (SELECT count(*)
	FROM a), (SELECT count(*) FROM more);
SELECT count(*) FROM a;
-- Get or create.
WITH made AS (INSERT INTO a VALUES (10, 'again') ON CONFLICT DO NOTHING RETURNING id, v)
	SELECT id, v FROM made UNION ALL SELECT id, v FROM a WHERE id = 10;
WITH made AS (INSERT INTO a VALUES (12, 'twelve') ON CONFLICT DO NOTHING RETURNING id, v)
	SELECT id, v FROM made UNION ALL SELECT id, v FROM a WHERE id = 12;
-- Update or insert.
WITH up AS (UPDATE a SET v = 'x' WHERE id = 20 RETURNING *) INSERT INTO a SELECT 20, 'new' WHERE NOT
	EXISTS (SELECT 1 FROM up);
WITH up AS (UPDATE a SET v = 'x' WHERE id = 20 RETURNING *) INSERT INTO a SELECT 20, 'new' WHERE NOT
	EXISTS (SELECT 1 FROM up);
SELECT * FROM a ORDER BY id;
-- What one part adds, another does not change, and a row is changed once.
WITH more AS (INSERT INTO a VALUES (21, 'y')) UPDATE a SET v = 'z' WHERE id > 19;
SELECT * FROM a ORDER BY id;
WITH gone AS (DELETE FROM a WHERE id = 21) UPDATE a SET v = 'w' WHERE id > 19;
SELECT * FROM a ORDER BY id;
WITH gone AS (DELETE FROM a WHERE id = 21) INSERT INTO a VALUES (21, 'same key');
WITH gone AS (DELETE FROM a WHERE id = 21 RETURNING *) INSERT INTO a SELECT id, 'same key' FROM gone;
SELECT * FROM a ORDER BY id;
-- Several, of which some read what others return.
WITH n AS (INSERT INTO b VALUES (1, 'p'), (2, 'q') RETURNING id, v),
	m AS (INSERT INTO a SELECT id + 100, v FROM n RETURNING id),
	k AS (SELECT max(id) AS top FROM m)
	DELETE FROM b USING k WHERE b.id = 30 AND k.top = 102 RETURNING b.id;
SELECT * FROM a ORDER BY id;
SELECT * FROM b ORDER BY id;
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5), i AS (INSERT INTO b SELECT
	n, 'r' FROM t RETURNING id)
	SELECT sum(id) FROM i;
WITH i(x, y) AS (INSERT INTO b VALUES (70, 's') RETURNING id, v || 'ss') SELECT x + 1, y FROM i;
WITH q AS (SELECT id FROM a WHERE id < 3), d AS (DELETE FROM a WHERE id IN (SELECT id FROM q) RETURNING id)
	SELECT (SELECT count(*) FROM q), (SELECT sum(id) FROM d);
WITH d AS (DELETE FROM b) SELECT count(*) FROM a;
SELECT count(*) FROM b;
-- with 200 | two hundred
WITH i AS (INSERT INTO a VALUES ($1, $2) RETURNING id), j AS (INSERT INTO b VALUES ($1::integer + 1, $2) RETURNING id)
	SELECT i.id, j.id, $2::text FROM i, j;
PREPARE p(integer) AS WITH d AS (DELETE FROM a WHERE id = $1 RETURNING *) INSERT INTO b SELECT * FROM d;
EXECUTE p(200);
EXECUTE p(200);
DEALLOCATE p;
SELECT * FROM b ORDER BY id;
-- Nothing of a statement that fails stays.
WITH d AS (DELETE FROM b) INSERT INTO a VALUES (20, 'there is one');
SELECT count(*) FROM b;
BEGIN;
SAVEPOINT s;
WITH d AS (DELETE FROM b) INSERT INTO a VALUES (20, 'there is one');
ROLLBACK TO s;
SELECT count(*) FROM b;
COMMIT;
-- Numbers from sequences, and types that are compared by a rule.
CREATE TABLE parent (id serial PRIMARY KEY, amount numeric);
CREATE TABLE child (id serial PRIMARY KEY, parent integer REFERENCES parent, amount numeric(8, 2));
WITH p AS (INSERT INTO parent (amount) VALUES (1.50) RETURNING id, amount)
	INSERT INTO child (parent, amount) SELECT id, amount / 3 FROM p RETURNING *;
WITH p AS (INSERT INTO parent (amount) VALUES (2.0), (2.00) RETURNING amount) SELECT amount, count(*)
	FROM p GROUP BY amount;
WITH p AS (UPDATE parent SET amount = amount + 1 RETURNING amount) SELECT * FROM p WHERE amount = 3 ORDER BY amount;
WITH c AS (DELETE FROM child RETURNING parent) DELETE FROM parent WHERE id IN (SELECT parent FROM c);
SELECT id, amount FROM parent ORDER BY id;
-- Mistakes.
WITH i AS (INSERT INTO a VALUES (300, 'x')) SELECT * FROM i;
SELECT * FROM (WITH i AS (INSERT INTO a VALUES (300, 'x') RETURNING *) SELECT * FROM i) x;
WITH RECURSIVE i AS (INSERT INTO a SELECT id + 1000, v FROM i RETURNING *) SELECT * FROM i;
WITH i AS (INSERT INTO a VALUES (300, 'x') RETURNING *), i AS (SELECT 1) SELECT * FROM i;
WITH i(x, y, z) AS (INSERT INTO a VALUES (300, 'x') RETURNING id) SELECT * FROM i;
WITH i AS (INSERT INTO nowhere VALUES (300, 'x') RETURNING id) SELECT * FROM i;
WITH i AS (INSERT INTO a VALUES (300, 'x') RETURNING id) SELECT nothing FROM i;
CREATE VIEW w AS WITH i AS (INSERT INTO a VALUES (300, 'x') RETURNING id) SELECT * FROM i;
BEGIN;
DECLARE c CURSOR FOR WITH i AS (INSERT INTO a VALUES (300, 'x') RETURNING id) SELECT * FROM i;
ROLLBACK;
-- What would have to be read as it was before, after it was changed, is refused.
-- refused
WITH up AS (UPDATE a SET v = 'new' RETURNING id) SELECT a.v FROM a, up WHERE a.id = up.id;
-- refused
WITH up AS (UPDATE a SET v = 'new' WHERE id = 20) INSERT INTO a VALUES (20, 'x') ON CONFLICT (id) DO
	UPDATE SET v = 'y';
DO $$ DECLARE n integer; BEGIN WITH d AS (DELETE FROM a WHERE id > 100 RETURNING *) INSERT INTO b SELECT
	* FROM d; END $$;
SELECT count(*) FROM a;
DROP TABLE child, parent, a, b;
