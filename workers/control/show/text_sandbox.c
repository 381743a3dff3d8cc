/* What each process has given up, for people. */
#include <inttypes.h>

#include "common/sandbox.h"
#include "workers/control/shared/escape.h"
#include "workers/control/show/text.h"

void
text_sandbox(const struct render *render, const struct message_status_process *p)
{
	(void)fprintf(render->out, "sandbox     ");
	escape_put_text(render->out, p->name);
	if (!p->observed) {
		(void)fputs(": /proc does not show it to bibd", render->out);
	} else {
		(void)fprintf(render->out, ": uid %" PRIu32 ", ", p->uid);
		text_put(render, p->no_new_privileges ? TEXT_PLAIN : TEXT_BAD,
		    p->no_new_privileges ? "no new privileges" : "new privileges possible");
		(void)fputs(", ", render->out);
		text_put(render, p->seccomp ? TEXT_PLAIN : TEXT_BAD, p->seccomp ? "seccomp" : "no seccomp");
		if (p->capabilities == 0)
			(void)fputs(", no capabilities", render->out);
		else
			(void)fprintf(render->out, ", capabilities %" PRIx64, p->capabilities);
	}
	if (p->landlock > 0)
		(void)fprintf(render->out, ", Landlock %" PRIu32 " (files%s%s)\n", p->landlock,
		    p->landlock >= SANDBOX_LANDLOCK_TCP ? ", TCP" : "",
		    p->landlock >= SANDBOX_LANDLOCK_SIGNALS ? ", signals" : "");
	else
		(void)fputs(", no Landlock\n", render->out);
}
