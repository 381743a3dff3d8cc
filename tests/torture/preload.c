/* Stands where a worker's program is and runs that with the recorder: a supervisor gives its own environment to
 * none. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	(void)argc;
	if (setenv("LD_PRELOAD", RECORDER, 1) == 0 && setenv("POWER_TRACE", TRACE, 1) == 0 &&
	    setenv("POWER_DIRECTORY", DIRECTORY, 1) == 0)
		(void)execv(WORKER, argv);
	perror(WORKER);
	return 71;
}
