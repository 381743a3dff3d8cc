-- MERGE: which clause a row takes, what each does, the tag, and every mistake that is one there.
CREATE TABLE target (id integer PRIMARY KEY, balance integer, note text DEFAULT 'new');
CREATE TABLE source (sid integer, delta integer);
INSERT INTO target VALUES (1, 10), (2, 20), (3, 30);
INSERT INTO source VALUES (2, 5), (3, 20), (4, 40);
MERGE INTO target t USING source AS s ON t.id = s.sid
	WHEN MATCHED THEN UPDATE SET balance = t.balance + s.delta
	WHEN NOT MATCHED THEN INSERT VALUES (s.sid, s.delta);
SELECT * FROM target ORDER BY id;
MERGE INTO target USING source ON id = sid
	WHEN MATCHED AND delta > 30 THEN DELETE
	WHEN MATCHED AND delta > 10 THEN DO NOTHING
	WHEN MATCHED THEN UPDATE SET (balance, note) = (balance - delta, DEFAULT)
	WHEN NOT MATCHED AND sid < 0 THEN INSERT (id) VALUES (sid);
SELECT * FROM target ORDER BY id;
MERGE INTO target t USING source s ON t.id = s.sid WHEN NOT MATCHED THEN INSERT (balance, id) VALUES
	(-s.delta, s.sid + 100);
MERGE INTO target t USING (SELECT 7 AS k) s ON t.id = s.k WHEN NOT MATCHED THEN INSERT (id) VALUES (k);
MERGE INTO target t USING (VALUES (8, 'a'), (1, 'b')) s(k, v) ON t.id = s.k
	WHEN NOT MATCHED THEN INSERT VALUES (k, DEFAULT, v) WHEN MATCHED THEN UPDATE SET note = v || t.note;
SELECT * FROM target ORDER BY id;
-- with 1 | 3
MERGE INTO target t USING (SELECT $1::integer AS k) s ON t.id = s.k
	WHEN MATCHED THEN UPDATE SET balance = balance * $2 + 4 WHEN NOT MATCHED THEN INSERT VALUES ($1, $2);
-- with 77 | 3
MERGE INTO target t USING (SELECT $1::integer AS k) s ON t.id = s.k
	WHEN MATCHED THEN UPDATE SET balance = balance * $2 + 4 WHEN NOT MATCHED THEN INSERT VALUES ($1, $2);
SELECT * FROM target ORDER BY id;
WITH lots AS (SELECT sid, sum(delta) AS total FROM source GROUP BY sid)
	MERGE INTO target t USING lots ON t.id = lots.sid
	WHEN MATCHED AND EXISTS (SELECT FROM target o WHERE o.id > t.id) THEN UPDATE SET balance = total
	WHEN NOT MATCHED THEN DO NOTHING;
SELECT * FROM target ORDER BY id;
-- Conditions see what was there before, in whatever order rows are dealt with.
MERGE INTO target t USING source s ON t.id = s.sid
	WHEN MATCHED AND (SELECT max(balance) FROM target) < 100 THEN UPDATE SET balance = 1000 + s.delta;
SELECT * FROM target ORDER BY id;
BEGIN;
MERGE INTO target t USING source s ON true WHEN NOT MATCHED THEN INSERT DEFAULT VALUES;
MERGE INTO target t USING (SELECT 2 AS k, g AS n FROM generate_series(1, 2) g) s ON t.id = s.k
	WHEN MATCHED THEN UPDATE SET balance = n;
ROLLBACK;
MERGE INTO target t USING (SELECT 2 AS k FROM generate_series(1, 2)) s ON t.id = s.k WHEN MATCHED THEN DELETE;
MERGE INTO target t USING (SELECT 2 AS k FROM generate_series(1, 2)) s ON t.id = s.k WHEN MATCHED THEN DO NOTHING;
MERGE INTO target t USING (SELECT 500 AS k FROM generate_series(1, 2)) s ON t.id = s.k WHEN NOT MATCHED
	THEN INSERT VALUES (k);
SELECT count(*) FROM target WHERE id = 500;
-- Nothing of a statement that fails stays.
MERGE INTO target t USING (VALUES (600, 1), (601, NULL)) s(k, v) ON t.id = s.k
	WHEN NOT MATCHED AND v IS NULL THEN INSERT VALUES (NULL, v) WHEN NOT MATCHED THEN INSERT VALUES (k, v);
SELECT count(*) FROM target WHERE id >= 600;
-- A key that changes, and rows that are met by their keys of before.
CREATE TABLE moved (id integer PRIMARY KEY, name text UNIQUE);
INSERT INTO moved VALUES (1, 'a'), (2, 'b'), (3, 'c');
MERGE INTO moved m USING (SELECT g FROM generate_series(3, 1, -1) g) s ON m.id = s.g WHEN MATCHED THEN
	UPDATE SET id = id + 1;
SELECT * FROM moved ORDER BY id;
MERGE INTO moved m USING (VALUES (2, 'b')) s(k, v) ON m.id = s.k WHEN MATCHED THEN UPDATE SET name = v;
MERGE INTO moved AS m USING moved AS n ON m.id = n.id - 1 WHEN MATCHED AND n.id = 4 THEN DELETE;
SELECT * FROM moved ORDER BY id;
-- Generated and identity columns.
CREATE TABLE made (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n integer, twice integer
	GENERATED ALWAYS AS (n * 2) STORED);
MERGE INTO made USING (VALUES (1)) s(v) ON n = v WHEN NOT MATCHED THEN INSERT (n) VALUES (v);
MERGE INTO made USING (VALUES (2)) s(v) ON n = v WHEN NOT MATCHED THEN INSERT (n) VALUES (v);
MERGE INTO made USING (VALUES (3)) s(v) ON n = v WHEN NOT MATCHED THEN INSERT (id, n) VALUES (9, v);
MERGE INTO made USING (VALUES (3)) s(v) ON n = v WHEN NOT MATCHED THEN INSERT (id, n) OVERRIDING SYSTEM
	VALUE VALUES (9, v);
MERGE INTO made USING (VALUES (4)) s(v) ON n = v WHEN NOT MATCHED THEN INSERT (id, n) OVERRIDING USER
	VALUE VALUES (90, v);
MERGE INTO made USING (VALUES (2)) s(v) ON n = v WHEN MATCHED THEN UPDATE SET n = v + 10, twice = DEFAULT;
MERGE INTO made USING (VALUES (12)) s(v) ON n = v WHEN MATCHED THEN UPDATE SET twice = 1;
SELECT * FROM made ORDER BY id;
-- Mistakes.
MERGE INTO target USING target ON id = id WHEN MATCHED THEN DO NOTHING;
MERGE INTO target t USING source s ON t.id = s.sid WHEN MATCHED THEN DELETE WHEN MATCHED AND s.sid = 1
	THEN DO NOTHING;
MERGE INTO target t USING (SELECT * FROM source WHERE t.id > sid) s ON t.id = s.sid WHEN MATCHED THEN DELETE;
MERGE INTO target t USING source s ON t.id = s.sid WHEN NOT MATCHED THEN INSERT (id) VALUES (t.id);
MERGE INTO target t USING source s ON t.id = s.sid WHEN NOT MATCHED AND t.id = 1 THEN INSERT (id) VALUES (1);
MERGE INTO target t USING source s ON t.id = s.sid WHEN NOT MATCHED THEN INSERT (id, balance) VALUES (1);
MERGE INTO target t USING source s ON t.id = s.sid WHEN NOT MATCHED THEN INSERT (id) VALUES (1, 2);
MERGE INTO target t USING source s ON t.id = s.sid WHEN NOT MATCHED THEN INSERT (nothing) VALUES (1);
MERGE INTO target t USING source s ON t.id = s.sid WHEN MATCHED THEN UPDATE SET nothing = 1;
MERGE INTO target t USING source s ON t.id = s.sid WHEN MATCHED THEN UPDATE SET balance = 'x';
MERGE INTO target t USING source s ON t.id = s.sid WHEN MATCHED AND count(*) > 1 THEN DELETE;
MERGE INTO target t USING source s ON t.id = s.sid WHEN MATCHED AND 1 THEN DELETE;
-- may refuse
MERGE INTO target t USING source s ON t.id + s.sid WHEN MATCHED THEN DELETE;
MERGE INTO target t USING nowhere s ON t.id = s.sid WHEN MATCHED THEN DELETE;
MERGE INTO nowhere t USING source s ON t.id = s.sid WHEN MATCHED THEN DELETE;
WITH RECURSIVE r AS (SELECT 1) MERGE INTO target t USING source s ON t.id = s.sid WHEN MATCHED THEN DELETE;
CREATE VIEW shown AS SELECT * FROM target;
MERGE INTO shown t USING source s ON t.id = s.sid WHEN MATCHED THEN DELETE;
WITH m AS (MERGE INTO target t USING source s ON t.id = s.sid WHEN MATCHED THEN DELETE) SELECT 1;
-- What would have to be read as it was before is refused.
-- refused
MERGE INTO target t USING source s ON t.id = s.sid WHEN MATCHED THEN UPDATE SET balance = (SELECT
	sum(balance) FROM target);
MERGE INTO target t USING source s ON t.id = s.sid WHEN MATCHED THEN UPDATE SET balance = (SELECT
	sum(delta) FROM source);
SELECT * FROM target ORDER BY id;
-- Numerics and texts as they are compared there.
CREATE TABLE prices (price numeric, name varchar(3));
INSERT INTO prices VALUES (1.50, 'a'), (2, 'b');
MERGE INTO prices p USING (VALUES (1.5, 'x'), (2.00, 'y'), (3.000, 'z')) s(price, name) ON p.price = s.price
	WHEN MATCHED AND s.price > 1.7 THEN DELETE WHEN MATCHED THEN UPDATE SET price = p.price * s.price, name
	= s.name
	WHEN NOT MATCHED THEN INSERT VALUES (s.price, s.name);
SELECT * FROM prices ORDER BY 1;
MERGE INTO prices p USING (VALUES (4, 'long')) s(price, name) ON p.price = s.price WHEN NOT MATCHED THEN
	INSERT VALUES (s.price, s.name);
PREPARE m (numeric) AS MERGE INTO prices p USING (SELECT $1 AS price) s ON p.price = s.price
	WHEN MATCHED THEN UPDATE SET name = 'p' WHEN NOT MATCHED THEN INSERT VALUES (s.price, 'n');
EXECUTE m(3);
EXECUTE m(5.5);
SELECT * FROM prices ORDER BY 1;
DEALLOCATE m;
DO $$ BEGIN MERGE INTO prices USING (SELECT 5.50 AS q) s ON price = q WHEN MATCHED THEN DELETE; END $$;
SELECT * FROM prices ORDER BY 1;
DROP VIEW shown;
DROP TABLE target, source, moved, made, prices;
