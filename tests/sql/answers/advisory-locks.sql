-- Advisory locks of one session: each taking is given back once; those of a transaction go with it
select pg_try_advisory_lock(1), pg_try_advisory_lock(1);
select pg_advisory_unlock(1), pg_advisory_unlock(1), pg_advisory_unlock(1);
select pg_advisory_lock(2), pg_advisory_lock(1, 2), pg_advisory_unlock(2), pg_advisory_unlock(1, 2);
select pg_try_advisory_lock_shared(3), pg_advisory_unlock(3), pg_advisory_unlock_shared(3);
begin;
select pg_try_advisory_xact_lock(4), pg_advisory_xact_lock(4);
select pg_try_advisory_xact_lock_shared(4), pg_advisory_unlock(4);
commit;
select pg_advisory_lock(5), pg_advisory_lock(5), pg_advisory_unlock_all(), pg_advisory_unlock(5);
select pg_try_advisory_lock(null), pg_try_advisory_lock('6'), pg_advisory_unlock(6);
select pg_try_advisory_lock('x');
select pg_try_advisory_lock(1.5);
select pg_try_advisory_lock(4294967298), pg_advisory_unlock(1, 0), pg_advisory_unlock(4294967298);
