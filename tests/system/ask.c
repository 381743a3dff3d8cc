/*
 * ask HOST USER SQL...: asks each statement of a database over libpq and prints the rows, one line each, fields parted
 * by "|". For `make check`, which has no psql. Exit: 0; 1 when a statement failed (its SQLSTATE on standard output);
 * 2 when there is no connection.
 */
#include <libpq-fe.h>
#include <stdio.h>

static int
print_result(const PGresult *result)
{
	switch (PQresultStatus(result)) {
	case PGRES_TUPLES_OK:
		for (int row = 0; row < PQntuples(result); row++)
			for (int column = 0; column < PQnfields(result); column++)
				printf("%s%c", PQgetvalue(result, row, column),
				    column + 1 == PQnfields(result) ? '\n' : '|');
		return 0;
	case PGRES_COMMAND_OK:
	case PGRES_EMPTY_QUERY:
		return 0;
	default: {
		const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
		printf("%s\n", code != NULL ? code : "?????");
		fputs(PQresultErrorMessage(result), stderr);
		return 1;
	}
	}
}

int
main(int argc, char **argv)
{
	const char *keys[] = { "host", "user", "dbname", "connect_timeout", NULL };
	const char *values[] = { NULL, NULL, "bibd", "10", NULL };
	PGconn *connection;
	int status = 0;

	if (argc < 4) {
		fputs("usage: ask HOST USER SQL...\n", stderr);
		return 64;
	}
	values[0] = argv[1];
	values[1] = argv[2];
	connection = PQconnectdbParams(keys, values, 0);
	if (PQstatus(connection) != CONNECTION_OK) {
		fputs(PQerrorMessage(connection), stderr);
		PQfinish(connection);
		return 2;
	}
	for (int i = 3; i < argc && status == 0; i++) {
		PGresult *result = PQexec(connection, argv[i]);
		status = print_result(result);
		PQclear(result);
	}
	PQfinish(connection);
	return status;
}
