/*
 * How long programs take from their start to their first answer.
 *
 *     bench_start RUNS COMMAND [-- COMMAND]...
 *
 * Each command is run in turns with the others, with a record of CSV on a pipe
 * to it, and its answer on a pipe from it. The clock runs from just before exec
 * until a header and a record have come, or the end. This program is small and
 * makes no copy of itself, so that what is measured is the other's start; a
 * script's interpreter adds some 0.3 ms. Ratios are to the first command:
 * /bin/true is what starting anything takes.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_COMMANDS = 16, MOST_RUNS = 10000 };

static const char record[] =
	"pm25,pm10,no2,so2,co,o3,temperature,humidity,wind_speed,pressure,hour,"
	"day_of_week,month\n"
	"35.5,50.2,25.3,8.1,0.6,45.7,22.5,65.0,3.2,1013.25,14,2,6\n";

struct command {
	char **words;
	double ms[MOST_RUNS];
};

static struct command commands[MOST_COMMANDS];

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static _Noreturn void
fail(const char *what)
{
	perror(what);
	exit(1);
}

/* Until two lines have come: the header is no answer. */
static void
wait_for_answer(int fd)
{
	char bytes[4096];
	size_t n_lines = 0;
	ssize_t n;

	while (n_lines < 2 && (n = read(fd, bytes, sizeof bytes)) > 0)
		for (ssize_t i = 0; i < n; i++)
			n_lines += bytes[i] == '\n';
}

static pid_t
start(char **words, int from, int to)
{
	extern char **environ;
	posix_spawn_file_actions_t actions;
	pid_t child;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, from, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, to, STDOUT_FILENO);
	if (posix_spawnp(&child, words[0], &actions, NULL, words, environ))
		fail(words[0]);
	posix_spawn_file_actions_destroy(&actions);
	return child;
}

static double
run(char **words)
{
	int feed[2], take[2], status;
	double begun;
	pid_t child;

	if (pipe2(feed, O_CLOEXEC) != 0 || pipe2(take, O_CLOEXEC) != 0)
		fail("pipe2");
	if (write(feed[1], record, strlen(record)) < 0)
		fail("write");
	close(feed[1]);
	begun = now_ms();
	child = start(words, feed[0], take[1]);
	close(feed[0]);
	close(take[1]);
	wait_for_answer(take[0]);
	begun = now_ms() - begun;
	close(take[0]);
	if (waitpid(child, &status, 0) != child || status != 0) {
		fprintf(stderr, "%s: status %d\n", words[0], status);
		exit(1);
	}
	return begun;
}

static int
compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Called by the first word and the last, the file. */
static void
print(const struct command *c, size_t n_runs)
{
	const double middle = c->ms[n_runs / 2], least = c->ms[0];
	char **last = c->words;

	while (last[1])
		last++;
	printf("%8.3f ms %6.2fx   least %.3f %.2fx   %s %s\n", middle,
	       middle / commands[0].ms[n_runs / 2], least,
	       least / commands[0].ms[0], base_name(c->words[0]),
	       last > c->words ? base_name(*last) : "");
}

/* The commands that follow, each ended by NULL in place of "--". */
static size_t
read_commands(char **words)
{
	size_t n = 0;

	while (*words && n < MOST_COMMANDS) {
		commands[n++].words = words;
		while (*words && strcmp(*words, "--") != 0)
			words++;
		if (*words)
			*words++ = NULL;
	}
	return n;
}

int
main(int argc, char **argv)
{
	const size_t n_runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	const size_t n = n_runs > 0 && n_runs <= MOST_RUNS ?
			 read_commands(argv + 2) : 0;

	if (n == 0) {
		fprintf(stderr, "usage: bench_start RUNS COMMAND "
			"[-- COMMAND]...\n");
		return 2;
	}
	for (size_t i = 0; i < n_runs; i++)
		for (size_t k = 0; k < n; k++)
			commands[k].ms[i] = run(commands[k].words);
	printf("start to first answer, median of %zu\n", n_runs);
	for (size_t k = 0; k < n; k++) {
		qsort(commands[k].ms, n_runs, sizeof(double), compare);
		print(&commands[k], n_runs);
	}
	return 0;
}
