/* lines.h: a text line by line. */
#ifndef AQI_TESTS_LINES_H
#define AQI_TESTS_LINES_H

#include <string.h>

/* The next line of a text that ends in NUL; it is cut off there. */
static char *
next_line(char **text)
{
	char *line = *text, *end = strchr(line, '\n');

	if (!*line)
		return NULL;
	*text = end ? end + 1 : line + strlen(line);
	if (end)
		*end = '\0';
	return line;
}

#endif
