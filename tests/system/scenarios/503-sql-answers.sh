# What SQL answers: each statement of tests/sql/answers is answered as by a plain PostgreSQL, or refused by promise
exec "$(dirname "$0")/../../sql/run"
