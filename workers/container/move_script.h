/*
 * The shell's texts of a move between two major versions, for two one-shot containers with a directory for the old
 * server's socket in common (spec_move_arguments) and no network.
 */
#ifndef BIBD_CONTAINER_MOVE_SCRIPT_H
#define BIBD_CONTAINER_MOVE_SCRIPT_H

/* In the old image: serves the database, read-only, until SIGINT or the end of standard input. Parameters: options of
 * postgres. */
extern const char *const move_source_script;

/* In the new image: makes a database with the old one's settings, fills it from there, compares both, and syncs it.
 * Standard input: a line BOOTSTRAP_END. Parameters: the old and the new major version, the extensions of the
 * configuration, and options of postgres. malloc'ed; NULL: no memory. */
char *move_target_script(void);

#define MOVE_SAYS "bibd: "		    /* before what is told to people, a line of standard output */
#define MOVE_REFUSES "bibd refuses: "	    /* before a reason, a line of standard error */
#define MOVE_COMPLETE "bibd move complete " /* the last line; after it the numbers of tables and of rows */

#endif
