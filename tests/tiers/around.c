/*
 * around.c: a program of ours in another environment.
 *
 * Under the name of a program, it sets the variables that AQI_AROUND names
 * (NAME=VALUE, separated by blanks) and becomes the program of that name in
 * the folder AQI_PROGRAMS. It is linked statically, so that a library that is
 * preloaded for the program finds nothing to do here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	const char *folder = getenv("AQI_PROGRAMS");
	const char *around = getenv("AQI_AROUND");
	const char *name = strrchr(argv[0], '/');
	char *word, *rest, path[4096];

	if (argc < 1 || !folder || !around)
		return 99;
	name = name ? name + 1 : argv[0];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	rest = strdup(around);
	while (rest && (word = strsep(&rest, " ")))
		if (strchr(word, '='))
			putenv(word);
	execv(path, argv);
	perror(path);
	return 99;
}
