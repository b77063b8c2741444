/* edit.h: a text with one place changed, to be read as a file. */
#ifndef AQI_TESTS_EDIT_H
#define AQI_TESTS_EDIT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"

/* `from`, where it stands first, becomes `to`; kept until the next call. A test
 * that edits what is not there ends: it would prove nothing. */
static struct aqi_slice
edit_text(const char *text, const char *from, const char *to)
{
	static char *edited;
	const char *at = strstr(text, from);
	const size_t room = strlen(text) + strlen(to) + 1;

	if (!at) {
		fprintf(stderr, "\"%s\" is not in the text\n", from);
		abort();
	}
	edited = realloc(edited, room);
	snprintf(edited, room, "%.*s%s%s", (int)(at - text), text, to,
		 at + strlen(from));
	return aqi_slice_of(edited);
}

#endif
