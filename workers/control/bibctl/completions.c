/*
 * What bash, zsh and fish source to complete a command line of bibctl, made from its tables of commands and options.
 */
#include <string.h>

#include "workers/control/bibctl/bibctl.h"

#define COMPLETIONS_AGES "30s 10m 2h 7d"

/* Commands of one name follow each other in the table: whether this is the first of them. */
static bool
completions_is_first(const struct bibctl_command *command)
{
	return command->help != NULL && (command == bibctl_commands || strcmp(command[-1].name, command->name) != 0);
}

/* Whether a command of that name has the option. */
static bool
completions_has(const struct bibctl_command *first, enum bibctl_option option)
{
	for (const struct bibctl_command *command = first; command->name != NULL; command++)
		if (strcmp(command->name, first->name) == 0 && bibctl_has_option(command, option))
			return true;
	return false;
}

/* The words that follow that name, with a blank before each. */
static void
completions_write_words(FILE *out, const struct bibctl_command *first)
{
	for (const struct bibctl_command *command = bibctl_commands; command->name != NULL; command++)
		if (strcmp(command->name, first->name) == 0 && command->word != NULL)
			(void)fprintf(out, " %s", command->word);
}

static void
completions_write_names(FILE *out)
{
	for (const struct bibctl_command *command = bibctl_commands; command->name != NULL; command++)
		if (completions_is_first(command))
			(void)fprintf(out, "%s ", command->name);
	(void)fputs("help", out);
}

/* Writes a help text for use within single quotes of zsh and fish. No help text has a bracket, which would end
 * zsh's. */
static void
completions_write_help(FILE *out, const char *help)
{
	for (; *help != '\0'; help++)
		if (*help == '\'')
			(void)fputs("'\\''", out);
		else
			(void)fputc(*help, out);
}

/* ---- bash ---- */

static void
completions_write_bash_options(FILE *out, const struct bibctl_command *first)
{
	for (int i = 0; i < BIBCTL_OPTION_COUNT; i++) {
		if (first != NULL && !completions_has(first, (enum bibctl_option)i))
			continue;
		(void)fprintf(out, " --%s", bibctl_options[i].name);
		if (bibctl_options[i].letter != '\0' && (first != NULL || bibctl_options[i].takes == 0))
			(void)fprintf(out, " -%c", bibctl_options[i].letter);
	}
}

/* "--name | -n" for each option with a value of that kind. -f, which not every command gives one, is not among them. */
static void
completions_write_bash_pattern(FILE *out, enum bibctl_value value)
{
	const char *between = "";

	for (int i = 0; i < BIBCTL_OPTION_COUNT; i++) {
		if (bibctl_options[i].value != value)
			continue;
		(void)fprintf(out, "%s--%s", between, bibctl_options[i].name);
		between = " | ";
		if (bibctl_options[i].letter != '\0' && i != BIBCTL_OPTION_FILE)
			(void)fprintf(out, " | -%c", bibctl_options[i].letter);
	}
}

static void
completions_write_bash_cases(FILE *out)
{
	(void)fputs("\tcase $name in\n\t'') words='", out);
	completions_write_names(out);
	(void)fputs("' options='", out);
	completions_write_bash_options(out, NULL);
	(void)fputs("' ;;\n", out);
	for (const struct bibctl_command *command = bibctl_commands; command->name != NULL; command++) {
		if (!completions_is_first(command))
			continue;
		(void)fprintf(out, "\t%s) words='", command->name);
		completions_write_words(out, command);
		(void)fputs("' options='", out);
		completions_write_bash_options(out, command);
		(void)fprintf(out, "'%s ;;\n", completions_has(command, BIBCTL_OPTION_FILE) ? " f=file" : "");
	}
	(void)fputs("\tesac\n", out);
}

int
bibctl_completions_bash(struct bibctl *bibctl)
{
	FILE *out = bibctl->render.out;

	(void)fputs("# bash completion for bibctl, made by `bibctl completions bash`\n"
		    "_bibctl()\n"
		    "{\n"
		    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} IFS=$' \\t\\n'\n"
		    "\tlocal name='' word='' words='' options='' complete='' f=none i\n"
		    "\tCOMPREPLY=()\n"
		    "\t# bash makes words of their own of --option=value.\n"
		    "\tif [[ $cur == '=' ]]; then cur=''\n"
		    "\telif [[ $before == '=' ]]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
		    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		    "\t\tcase ${COMP_WORDS[i]} in\n\t\t",
	    out);
	for (enum bibctl_value value = BIBCTL_VALUE_FILE; value <= BIBCTL_VALUE_TEXT; value++) {
		completions_write_bash_pattern(out, value);
		(void)fputs(value < BIBCTL_VALUE_TEXT ? " | " : ")\n", out);
	}
	(void)fputs("\t\t\t[[ ${COMP_WORDS[i+1]} != '=' ]] || ((++i))\n\t\t\t((++i)) ;;\n"
		    "\t\t-* | '=') ;;\n"
		    "\t\t*) if [[ -z $name ]]; then name=${COMP_WORDS[i]}; else word=${COMP_WORDS[i]}; fi ;;\n"
		    "\t\tesac\n"
		    "\tdone\n",
	    out);
	completions_write_bash_cases(out);
	(void)fputs("\t[[ -z $word ]] || words=''\n"
		    "\tif [[ $before == -f && $f == file ]]; then before=--file; fi\n"
		    "\tcase $before in\n\t",
	    out);
	completions_write_bash_pattern(out, BIBCTL_VALUE_FILE);
	(void)fputs(") complete=-f ;;\n\t", out);
	completions_write_bash_pattern(out, BIBCTL_VALUE_DIRECTORY);
	(void)fputs(") complete=-d ;;\n\t", out);
	completions_write_bash_pattern(out, BIBCTL_VALUE_AGE);
	(void)fputs(") options='' words='" COMPLETIONS_AGES "' ;;\n\t", out);
	completions_write_bash_pattern(out, BIBCTL_VALUE_TEXT);
	(void)fputs(") return ;;\n"
		    "\tesac\n"
		    "\tif [[ -n $complete ]]; then\n"
		    "\t\tIFS=$'\\n'\n"
		    "\t\tcompopt -o filenames 2>/dev/null\n"
		    "\t\tCOMPREPLY=($(compgen $complete -- \"$cur\"))\n"
		    "\t\treturn\n"
		    "\tfi\n"
		    "\t[[ $cur != -* ]] || words=$options\n"
		    "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
		    "}\n"
		    "complete -F _bibctl bibctl\n",
	    out);
	return STATUS_OK;
}

/* ---- zsh ---- */

/* first: NULL where no command is there yet, and a letter may still become that of another option. */
static void
completions_write_zsh_options(FILE *out, const struct bibctl_command *first)
{
	static const char *const values[] = { [BIBCTL_VALUE_NONE] = "",
		[BIBCTL_VALUE_FILE] = ":file:_files",
		[BIBCTL_VALUE_DIRECTORY] = ":directory:_files -/",
		[BIBCTL_VALUE_AGE] = (":age:(" COMPLETIONS_AGES ")"),
		[BIBCTL_VALUE_TEXT] = ":value: " };

	for (int i = 0; i < BIBCTL_OPTION_COUNT; i++) {
		const struct bibctl_option_row *option = &bibctl_options[i];
		const char *plus = option->value == BIBCTL_VALUE_NONE ? "" : "+", *equals = *plus == '\0' ? "" : "=";

		if (first != NULL && !completions_has(first, (enum bibctl_option)i))
			continue;
		if (option->letter != '\0' && (first != NULL || option->takes == 0))
			(void)fprintf(out, "\n\t\t\t'(-%c --%s)'{-%c%s,--%s%s}'[", option->letter, option->name,
			    option->letter, plus, option->name, equals);
		else
			(void)fprintf(out, "\n\t\t\t'--%s%s[", option->name, equals);
		completions_write_help(out, option->help);
		(void)fprintf(out, "]%s'", values[option->value]);
	}
}

/* 'word:help' for each word that follows that name, as _describe reads it. */
static void
completions_write_zsh_words(FILE *out, const struct bibctl_command *first)
{
	for (const struct bibctl_command *command = first; command->name != NULL; command++) {
		if (strcmp(command->name, first->name) != 0 || command->word == NULL)
			continue;
		(void)fprintf(out, "\n\t\t\t'%s:", command->word);
		completions_write_help(out, command->help);
		(void)fputc('\'', out);
	}
}

/* 'name:help' for each name; where the help belongs to a second word, it is offered with that word. */
static void
completions_write_zsh_names(FILE *out)
{
	for (const struct bibctl_command *command = bibctl_commands; command->name != NULL; command++) {
		if (!completions_is_first(command))
			continue;
		(void)fprintf(out, "\n\t\t'%s:", command->name);
		if (command->word == NULL)
			completions_write_help(out, command->help);
		else
			completions_write_words(out, command);
		(void)fputc('\'', out);
	}
	(void)fputs("\n\t\t'help:print a summary and exit')\n", out);
}

int
bibctl_completions_zsh(struct bibctl *bibctl)
{
	FILE *out = bibctl->render.out;

	(void)fputs("#compdef bibctl\n"
		    "# zsh completion for bibctl, made by `bibctl completions zsh`\n"
		    "_bibctl_names() { _describe command bibctl_names }\n"
		    "_bibctl_words() { (( $#bibctl_words )) && _describe word bibctl_words }\n"
		    "_bibctl() {\n"
		    "\tlocal name i\n"
		    "\tlocal -a bibctl_names bibctl_words options\n"
		    "\tlocal -A opt_args\n"
		    "\tbibctl_names=(",
	    out);
	completions_write_zsh_names(out);
	(void)fputs("\tfor i in \"${(@)words[2,CURRENT-1]}\"; do\n"
		    "\t\tif (( ${bibctl_names[(I)$i:*]} )); then name=$i; break; fi\n"
		    "\tdone\n"
		    "\tcase $name in\n",
	    out);
	for (const struct bibctl_command *command = bibctl_commands; command->name != NULL; command++) {
		if (!completions_is_first(command))
			continue;
		(void)fprintf(out, "\t%s)\n\t\tbibctl_words=(", command->name);
		completions_write_zsh_words(out, command);
		(void)fputs(")\n\t\toptions=(", out);
		completions_write_zsh_options(out, command);
		(void)fputs(") ;;\n", out);
	}
	(void)fputs("\t*)\n\t\toptions=(", out);
	completions_write_zsh_options(out, NULL);
	(void)fputs(") ;;\n\tesac\n"
		    "\t_arguments -s $options '1:command:_bibctl_names' '2:word:_bibctl_words' '3:name: '\n"
		    "}\n"
		    "_bibctl \"$@\"\n",
	    out);
	return STATUS_OK;
}

/* ---- fish ---- */

static void
completions_write_fish_option(FILE *out, enum bibctl_option option)
{
	static const char *const values[] = { [BIBCTL_VALUE_NONE] = "",
		[BIBCTL_VALUE_FILE] = " -r -F",
		[BIBCTL_VALUE_DIRECTORY] = " -x -a '(__fish_complete_directories)'",
		[BIBCTL_VALUE_AGE] = (" -x -a '" COMPLETIONS_AGES "'"),
		[BIBCTL_VALUE_TEXT] = " -x" };
	const struct bibctl_option_row *row = &bibctl_options[option];

	(void)fputs("complete -c bibctl", out);
	if (row->takes != 0) {
		(void)fputs(" -n '__fish_seen_subcommand_from", out);
		for (const struct bibctl_command *command = bibctl_commands; command->name != NULL; command++)
			if (completions_is_first(command) && completions_has(command, option))
				(void)fprintf(out, " %s", command->name);
		(void)fputc('\'', out);
	}
	if (row->letter != '\0')
		(void)fprintf(out, " -s %c", row->letter);
	(void)fprintf(out, " -l %s%s -d '", row->name, values[row->value]);
	completions_write_help(out, row->help);
	(void)fputs("'\n", out);
}

/* word: NULL for the name itself, which is offered while no name is there. */
static void
completions_write_fish_word(FILE *out, const struct bibctl_command *command, const char *word)
{
	(void)fputs("complete -c bibctl -n '", out);
	if (word == NULL)
		(void)fputs("not __fish_seen_subcommand_from $__bibctl_names", out);
	else {
		(void)fprintf(out, "__fish_seen_subcommand_from %s; and not __fish_seen_subcommand_from",
		    command->name);
		completions_write_words(out, command);
	}
	(void)fprintf(out, "' -a %s -d '", word == NULL ? command->name : word);
	if (word != NULL || command->word == NULL)
		completions_write_help(out, command->help);
	else
		completions_write_words(out, command);
	(void)fputs("'\n", out);
}

int
bibctl_completions_fish(struct bibctl *bibctl)
{
	FILE *out = bibctl->render.out;

	(void)fputs("# fish completion for bibctl, made by `bibctl completions fish`\n"
		    "set -g __bibctl_names ",
	    out);
	completions_write_names(out);
	(void)fputs("\ncomplete -c bibctl -f\n"
		    "complete -c bibctl -n 'not __fish_seen_subcommand_from $__bibctl_names' -a help",
	    out);
	(void)fprintf(out, " -d '%s'\n", bibctl_options[BIBCTL_OPTION_HELP].help);
	for (const struct bibctl_command *command = bibctl_commands; command->name != NULL; command++) {
		if (completions_is_first(command))
			completions_write_fish_word(out, command, NULL);
		if (command->help != NULL && command->word != NULL)
			completions_write_fish_word(out, command, command->word);
	}
	for (int i = 0; i < BIBCTL_OPTION_COUNT; i++)
		completions_write_fish_option(out, (enum bibctl_option)i);
	return STATUS_OK;
}
