/* comma.h: a locale whose decimal mark is a comma, made if it is not there. */
#ifndef AQI_TESTS_COMMA_H
#define AQI_TESTS_COMMA_H

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Is it set? leave_comma puts the C locale back. */
static bool
enter_comma(void)
{
	static char folder[] = "/tmp/aqi-locale.XXXXXX";
	char command[200];
	bool set = setlocale(LC_ALL, "de_DE.UTF-8") != NULL;

	if (!set && mkdtemp(folder)) {
		snprintf(command, sizeof command,
			 "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 "
			 ">/dev/null 2>&1", folder);
		if (system(command) == 0)
			setenv("LOCPATH", folder, 1);
		set = setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
		snprintf(command, sizeof command, "rm -rf %s", folder);
		if (system(command) != 0)
			printf("# %s stays\n", folder);
	}
	return set && strcmp(localeconv()->decimal_point, ",") == 0;
}

static void
leave_comma(void)
{
	setlocale(LC_ALL, "C");
}

#endif
