/*
 * How long model files take to load: from a file to a model that predicts, in
 * turns with the libraries that wrote them, in one process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "model_peer.h"

enum { MOST = 8, MOST_ROUNDS = 99 };

/* Of one file no more is measured after so long. */
static const double enough_ms = 30e3;

struct loader {
	struct peer peer;
	double wall[MOST_ROUNDS], cpu[MOST_ROUNDS];	/* ms */
};

static double
clock_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
load(struct loader *l, size_t round)
{
	const double wall = clock_ms(CLOCK_MONOTONIC);
	const double cpu = clock_ms(CLOCK_PROCESS_CPUTIME_ID);

	l->peer.kind->load(&l->peer);
	l->cpu[round] = clock_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	l->wall[round] = clock_ms(CLOCK_MONOTONIC) - wall;
}

/* Ours by one thread and by all, and the libraries of the file's kind. */
static size_t
gather(struct loader *loaders, const char *path, const char *kind,
       char **libraries, size_t n_libraries)
{
	const struct peer_kind *how = strcmp(kind, "xgboost") == 0 ?
				      &peer_xgboost : &peer_lightgbm;
	const size_t size = strlen(kind);
	size_t n = 2;

	loaders[0].peer = (struct peer){.name = "ours, 1 thread", .path = path,
					.kind = &peer_ours, .n_threads = 1};
	loaders[1].peer = (struct peer){.name = "ours", .path = path,
					.kind = &peer_ours};
	for (size_t i = 0; i < n_libraries && n < MOST; i++) {
		const char *object = libraries[i] + size + 1;

		if (strncmp(libraries[i], kind, size) != 0 ||
		    libraries[i][size] != '=')
			continue;
		loaders[n++].peer = (struct peer){
			.name = strstr(object, "python3") ?
				"library (python)" : "library (system)",
			.object = object, .path = path, .kind = how,
		};
	}
	return n;
}

static void
compare_file(const char *folder, const char *name, char **libraries,
	     size_t n_libraries, size_t n_rounds)
{
	static struct loader loaders[MOST];
	const double start = clock_ms(CLOCK_MONOTONIC);
	char path[512];
	size_t n, round = 0;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (access(path, R_OK) != 0)
		return;
	n = gather(loaders, path, *name == 'x' ? "xgboost" : "lightgbm",
		   libraries, n_libraries);
	while (round < n_rounds && round < MOST_ROUNDS &&
	       clock_ms(CLOCK_MONOTONIC) - start < enough_ms) {
		for (size_t i = 0; i < n; i++)
			load(&loaders[i], round);
		round++;
	}
	for (size_t i = 0; i < n; i++) {
		struct loader *l = &loaders[i];

		qsort(l->wall, round, sizeof *l->wall, compare);
		qsort(l->cpu, round, sizeof *l->cpu, compare);
		printf("%-20s %-18s %9.3f %9.3f %9.3f %7.1fx %7.1fx\n",
		       i == 0 ? name : "", l->peer.name, l->wall[0],
		       l->wall[round / 2], l->cpu[0],
		       l->cpu[0] / loaders[0].cpu[0],
		       l->wall[0] / loaders[1].wall[0]);
	}
}

void
compare_loads(const char *folder, char **libraries, size_t n_libraries,
	      size_t n_rounds)
{
	static const char *const names[] = {
		"xgboost-300x6.json", "xgboost-1000x8.json",
		"lightgbm-300x6.txt", "lightgbm-300x31.txt",
		"lightgbm-1000x8.txt",
		"xgboost-300x6.ubj", "xgboost-1000x8.ubj",
	};

	printf("%-39s %9s %9s %9s %8s %8s\n", "load in ms", "wall", "median",
	       "CPU", "CPU/one", "wall/all");
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		compare_file(folder, names[i], libraries, n_libraries,
			     n_rounds);
}
