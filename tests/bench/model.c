/*
 * bench_model: the model beside the libraries that train such models, C
 * interface to C interface. Run by tests/bench/model, which finds them:
 *
 *   bench_model train|ROUNDS FOLDER [loads] [KIND=LIBRARY...]
 *
 * KIND is xgboost, lightgbm or onnxruntime. Models are in FOLDER, where `train`
 * puts them if they are not there. Each peer has a process of its own, and
 * they take turns: thread CPU time, median of ROUNDS rounds. Prints
 * figures; nothing passes or fails.
 */
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/random.h"
#include "model/bundle.h"
#include "model/engine.h"
#include "model_peer.h"

enum { N_ROWS = 100000, MAX_ROUNDS = 99, N_BATCHES = 4, MAX_PEERS = 32 };

static size_t n_rounds = 7;

static const size_t batches[N_BATCHES] = {1, 64, 512, N_ROWS};

/* A run of fewer rows than take so long would measure the clock. */
static const double least_ns = 20e6;

/* Made-up air: what trees find in it is about as much as in real air. */

static double
rounded(double x, double unit)
{
	return round(x / unit) * unit;
}

static double
draw_log(struct aqi_random *random, double mean, double sigma)
{
	return exp(mean + sigma * aqi_random_normal(random));
}

static void
draw_row(struct aqi_random *random, double *x)
{
	const double hour = (double)aqi_random_below(random, 24);
	const double month = 1 + (double)aqi_random_below(random, 12);
	const double season = cos((month - 1) * M_PI / 6);
	const double day = sin((hour - 9) * M_PI / 12);

	x[0] = rounded(draw_log(random, 3.2, 0.7) * (1 + 0.4 * season), 1e-3);
	x[1] = rounded(x[0] * aqi_random_uniform(random, 1.2, 2.4) + 8, 1e-3);
	x[2] = rounded(draw_log(random, 3, 0.5), 1e-3);
	x[3] = rounded(draw_log(random, 1.8, 0.6), 1e-3);
	x[4] = rounded(draw_log(random, -0.3, 0.5), 1e-4);
	x[5] = rounded(fabs(40 + 25 * day - 10 * season +
			    12 * aqi_random_normal(random)), 1e-3);
	x[6] = rounded(15 - 14 * season + 5 * day +
		       4 * aqi_random_normal(random), 1e-2);
	x[7] = rounded(fmin(100, fabs(60 + 10 * season - 8 * day +
				      15 * aqi_random_normal(random))), 1e-2);
	x[8] = rounded(draw_log(random, 1.2, 0.6), 1e-2);
	x[9] = rounded(1013 + 7 * aqi_random_normal(random), 1e-2);
	x[10] = hour;
	x[11] = (double)aqi_random_below(random, 7);
	x[12] = month;
}

static double
target(struct aqi_random *random, const double *x)
{
	double index = fmax(fmax(1.5 * x[0] + 20, 0.9 * x[1]), 1.1 * x[5]);

	index += 0.15 * x[2] + 0.8 * x[3] * (x[8] < 2) - 0.6 * x[8] +
		 0.05 * (x[7] - 60) * x[4] + 3 * sin(x[11]);
	return fmin(500, fmax(0, index + 4 * aqi_random_normal(random)));
}

static struct rows
make_rows(uint64_t seed, size_t n)
{
	struct aqi_random random = aqi_random_new(seed, 0);
	struct rows rows = {
		.x = malloc(n * N_FIELDS * sizeof *rows.x),
		.narrow = malloc(n * N_FIELDS * sizeof *rows.narrow),
		.label = malloc(n * sizeof *rows.label), .n = n,
	};

	if (!rows.x || !rows.narrow || !rows.label)
		die("memory ran out");
	for (size_t i = 0; i < n; i++) {
		double *x = rows.x + i * N_FIELDS;

		draw_row(&random, x);
		rows.label[i] = (float)target(&random, x);
		for (size_t k = 0; k < N_FIELDS; k++)
			rows.narrow[i * N_FIELDS + k] = (float)x[k];
	}
	return rows;
}

/* Peers, each in a process that waits for the size of a batch. */

struct worker {
	struct peer peer;
	pid_t pid;		/* 0: it did not start */
	int ask, tell;
	double ns[N_BATCHES][MAX_ROUNDS];	/* a row */
	double load_ms;
	const char *way[N_BATCHES];	/* names of aqi_ways */
	double *y;		/* (N_ROWS,), shared */
};

struct answer {
	double value;
	const char *way;	/* static, at the same place in all processes */
};

static double
clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int
compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *values, size_t n)
{
	qsort(values, n, sizeof *values, compare);
	return values[n / 2];
}

/* The CPU time of a row, over as many as take long enough. Of all rows at once
 * the slow ones do a tenth, which is as good: they are past their start long
 * before. */
static double
measure(struct peer *peer, const struct rows *rows, size_t batch, bool is_slow,
	double *y)
{
	double start = clock_ns(CLOCK_THREAD_CPUTIME_ID), ns;
	size_t at = 0, n = 0, n_calls = 1;

	if (batch == N_ROWS && is_slow)
		batch /= 10;
	/* The clock is looked at seldom: it takes as long as a prediction. */
	do {
		for (size_t i = 0; i < n_calls; i++) {
			if (at + batch > rows->n)
				at = 0;
			peer->kind->predict(peer, rows, at, batch, y + at);
			at += batch;
			n += batch;
		}
		n_calls *= 2;
		ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - start;
	} while (ns < least_ns);
	return ns / (double)n;
}

static double
measure_load(struct peer *peer)
{
	double ms[5];

	for (int i = 0; i < 5; i++) {
		double start = clock_ns(CLOCK_MONOTONIC);

		peer->kind->load(peer);
		ms[i] = (clock_ns(CLOCK_MONOTONIC) - start) / 1e6;
	}
	return median(ms, 5);
}

static void
work(struct worker *w, const struct rows *rows, int asked, int tell)
{
	struct answer answer = {.value = measure_load(&w->peer)};
	double spent = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	size_t batch;

	w->peer.kind->predict(&w->peer, rows, 0, N_ROWS, w->y);
	spent = clock_ns(CLOCK_THREAD_CPUTIME_ID) - spent;
	do {
		if (write(tell, &answer, sizeof answer) != sizeof answer ||
		    read(asked, &batch, sizeof batch) != sizeof batch)
			_exit(0);
		answer.value = measure(&w->peer, rows, batch, spent > 5e8,
				       w->y);
		answer.way = w->peer.kind->way ?
			w->peer.kind->way(&w->peer, batch) : NULL;
	} while (true);
}

static bool
hear(struct worker *w, struct answer *answer)
{
	if (w->pid && read(w->tell, answer, sizeof *answer) == sizeof *answer)
		return true;
	w->pid = 0;
	return false;
}

static void
start(struct worker *w, const struct rows *rows)
{
	int ask[2], tell[2];
	struct answer answer;

	w->y = mmap(NULL, N_ROWS * sizeof *w->y, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fflush(stdout);
	if (w->y == MAP_FAILED || pipe(ask) || pipe(tell))
		die("cannot start a process");
	w->pid = fork();
	if (w->pid == 0) {
		close(ask[1]);
		close(tell[0]);
		work(w, rows, ask[0], tell[1]);
	}
	close(ask[0]);
	close(tell[1]);
	w->ask = ask[1];
	w->tell = tell[0];
	if (hear(w, &answer))
		w->load_ms = answer.value;
}

static void
run_round(struct worker *workers, size_t n, size_t round)
{
	for (size_t b = 0; b < N_BATCHES; b++) {
		for (size_t i = 0; i < n; i++) {
			struct worker *w = &workers[i];
			struct answer answer;

			if (!w->pid || write(w->ask, &batches[b],
					     sizeof batches[b]) < 0 ||
			    !hear(w, &answer))
				continue;
			w->ns[b][round] = answer.value;
			w->way[b] = answer.way;
		}
	}
}

static void
stop(struct worker *w)
{
	close(w->ask);
	close(w->tell);
	munmap(w->y, N_ROWS * sizeof *w->y);
	/* Closing is not enough: those that started later have the pipe. */
	if (w->pid > 0 && kill(w->pid, SIGKILL) == 0)
		waitpid(w->pid, NULL, 0);
}

/* How many predictions differ from those of the first peer that is not ours. */
static size_t
count_differing(const struct worker *w, const double *truth)
{
	size_t n = 0;

	for (size_t i = 0; i < N_ROWS; i++)
		n += !(w->y[i] == truth[i]);
	return n;
}

static const struct worker *
find_reference(const struct worker *workers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (workers[i].peer.kind != &peer_ours && workers[i].pid)
			return &workers[i];
	return NULL;
}

static void
print_worker(struct worker *w, const struct worker *reference,
	     const double *ours)
{
	printf("%-28s", w->peer.name);
	if (!w->pid) {
		printf(" not measured\n");
		return;
	}
	for (size_t b = 0; b < N_BATCHES; b++) {
		const double ns = median(w->ns[b], n_rounds);

		if (w->peer.kind == &peer_ours)
			printf(" %9.1f        ", ns);
		else
			printf(" %9.1f %6.1fx", ns, ns / ours[b]);
	}
	if (reference && reference != w)
		printf(" %8zu", count_differing(w, reference->y));
	else
		printf(" %8s", "-");
	if (w->peer.kind == &peer_ours)
		for (size_t b = 0; b < N_BATCHES; b++)
			printf(" %s", w->way[b]);
	putchar('\n');
}

/* One model by ours and by its peers; ours, chosen by itself, is the first. */
static void
compare_peers(const char *title, struct worker *workers, size_t n,
	      const struct rows *rows)
{
	const struct worker *reference;
	double ours[N_BATCHES] = {0};

	for (size_t i = 0; i < n; i++)
		start(&workers[i], rows);
	for (size_t round = 0; round < n_rounds; round++)
		run_round(workers, n, round);
	for (size_t b = 0; b < N_BATCHES; b++)
		ours[b] = median(workers[0].ns[b], n_rounds);
	reference = find_reference(workers, n);
	printf("\n%s: ns a row in batches of\n%-28s", title, "");
	for (size_t b = 0; b < N_BATCHES; b++)
		printf(" %9zu        ", batches[b]);
	printf(" %8s\n", "differ");
	for (size_t i = 0; i < n; i++)
		print_worker(&workers[i], reference, ours);
	printf("%-28s %9s\n", "load", "ms");
	for (size_t i = 0; i < n; i++)
		if (workers[i].pid && (i == 0 ||
				       workers[i].peer.kind != &peer_ours))
			printf("%-28s %9.2f %6.1fx\n", workers[i].peer.name,
			       workers[i].load_ms,
			       workers[i].load_ms / workers[0].load_ms);
	for (size_t i = 0; i < n; i++)
		stop(&workers[i]);
}

/* What of the command line there is. */
struct setup {
	const char *folder;
	char **libraries;	/* KIND=LIBRARY */
	size_t n;
	struct rows rows;
};

static const char *
path_of(const struct setup *setup, const char *name)
{
	static char paths[16][512];
	static unsigned turn;
	char *path = paths[turn++ % 16];

	snprintf(path, sizeof paths[0], "%s/%s", setup->folder, name);
	return path;
}

/* Library i of a kind, or NULL. */
static const char *
library(const struct setup *setup, const char *kind, size_t i)
{
	size_t n = strlen(kind);

	for (size_t k = 0; k < setup->n; k++)
		if (strncmp(setup->libraries[k], kind, n) == 0 &&
		    setup->libraries[k][n] == '=' && i-- == 0)
			return setup->libraries[k] + n + 1;
	return NULL;
}

static struct worker *
add(struct worker *workers, size_t *n, struct peer peer)
{
	if (*n >= MAX_PEERS)
		die("more than %d peers", MAX_PEERS);
	workers[*n] = (struct worker){.peer = peer};
	return &workers[(*n)++];
}

/* Ours as it is, then each of its ways; one that is not for this processor is
 * told as not measured. */
static void
add_ours(struct worker *workers, size_t *n, const char *path)
{
	static struct aqi_buffer names;
	char *name, *rest;

	add(workers, n, (struct peer){.name = "ours", .path = path,
				      .kind = &peer_ours});
	aqi_buffer_clear(&names);
	aqi_engine_list(&names);
	aqi_buffer_add_byte(&names, '\0');
	if (names.failed)
		die("memory ran out");
	for (name = strtok_r(names.data, ", ", &rest); name;
	     name = strtok_r(NULL, ", ", &rest))
		add(workers, n, (struct peer){.name = strdup(name),
			.object = strdup(name), .path = path,
			.kind = &peer_ours});
}

static void
add_all(struct worker *workers, size_t *n, const struct setup *setup,
	const char *kind, const struct peer_kind *how, const char *path)
{
	const char *found;

	for (size_t i = 0; (found = library(setup, kind, i)); i++) {
		const char *tail = strstr(found, "python3");
		char name[64];

		snprintf(name, sizeof name, "%s%s", kind,
			 tail ? " (python)" : " (system)");
		add(workers, n, (struct peer){.name = strdup(name),
			.object = found, .path = path, .kind = how});
	}
}

static void
compare_xgboost(const struct setup *setup, const char *shape)
{
	struct worker workers[MAX_PEERS];
	char name[64], title[64];
	size_t n = 0;

	snprintf(name, sizeof name, "xgboost-%s.json", shape);
	add_ours(workers, &n, path_of(setup, name));
	add_all(workers, &n, setup, "xgboost", &peer_xgboost,
		path_of(setup, name));
	snprintf(name, sizeof name, "xgboost-%s.onnx", shape);
	if (access(path_of(setup, name), R_OK) == 0)
		add_all(workers, &n, setup, "onnxruntime", &peer_onnxruntime,
			path_of(setup, name));
	snprintf(title, sizeof title, "XGBoost %s", shape);
	compare_peers(title, workers, n, &setup->rows);
}

static void
compare_lightgbm(const struct setup *setup, const char *shape)
{
	struct worker workers[MAX_PEERS];
	char name[64], title[64];
	size_t n = 0;

	snprintf(name, sizeof name, "lightgbm-%s.txt", shape);
	if (access(path_of(setup, name), R_OK) != 0)
		return;
	add_ours(workers, &n, path_of(setup, name));
	add_all(workers, &n, setup, "lightgbm", &peer_lightgbm,
		path_of(setup, name));
	snprintf(title, sizeof title, "LightGBM %s", shape);
	compare_peers(title, workers, n, &setup->rows);
}

static void
train_trees(const struct setup *setup, const struct rows *rows, int n_trees,
	    int depth, int n_leaves, const char *name)
{
	const char *with = library(setup, "lightgbm", 0);

	if (with && access(path_of(setup, name), R_OK) != 0)
		train_lightgbm(with, rows, n_trees, depth, n_leaves,
			       path_of(setup, name));
}

static void
train(const struct setup *setup)
{
	const struct {
		const char *shape;
		int n_trees, depth;
	} shapes[] = {{"300x6", 300, 6}, {"1000x8", 1000, 8}};
	struct rows rows = make_rows(1, N_ROWS);
	char json[64], ubjson[64];

	for (size_t i = 0; i < 2; i++) {
		const char *with = library(setup, "xgboost", 0);

		snprintf(json, sizeof json, "xgboost-%s.json", shapes[i].shape);
		snprintf(ubjson, sizeof ubjson, "xgboost-%s.ubj",
			 shapes[i].shape);
		if (with && access(path_of(setup, json), R_OK) != 0)
			train_xgboost(with, &rows, shapes[i].n_trees,
				      shapes[i].depth, path_of(setup, json),
				      path_of(setup, ubjson));
	}
	train_trees(setup, &rows, 300, 6, 64, "lightgbm-300x6.txt");
	/* As deep as it likes, and 31 leaves: so it is unless told. */
	train_trees(setup, &rows, 300, -1, 31, "lightgbm-300x31.txt");
	train_trees(setup, &rows, 1000, 8, 255, "lightgbm-1000x8.txt");
}

int
main(int argc, char **argv)
{
	struct setup setup = {0};

	if (argc < 3)
		die("usage: bench_model train|ROUNDS FOLDER [loads] "
		    "[KIND=LIBRARY...]");
	setup.folder = argv[2];
	setup.libraries = argv + 3;
	setup.n = (size_t)argc - 3;
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (strcmp(argv[1], "train") == 0) {
		train(&setup);
		return 0;
	}
	n_rounds = strtoul(argv[1], NULL, 10);
	if (n_rounds < 1 || n_rounds > MAX_ROUNDS)
		die("rounds are 1 to %d", MAX_ROUNDS);
	if (argc > 3 && strcmp(argv[3], "loads") == 0) {
		compare_loads(setup.folder, setup.libraries + 1, setup.n - 1,
			      n_rounds);
		return 0;
	}
	setup.rows = make_rows(2, N_ROWS);
	compare_xgboost(&setup, "300x6");
	compare_xgboost(&setup, "1000x8");
	compare_lightgbm(&setup, "300x6");
	return 0;
}
