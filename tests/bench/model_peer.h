/*
 * model_peer.h: for bench_model: whoever evaluates a model, called alike.
 *
 * The other libraries are opened while the benchmark runs, where they are: it
 * is built without them. What is declared here of theirs is what their C
 * interfaces say. Errors end the process: each peer has one of its own.
 */
#ifndef MODEL_PEER_H
#define MODEL_PEER_H

#include <stdbool.h>
#include <stddef.h>

#define N_FIELDS 13

/* Rows for all, as doubles and as floats. */
struct rows {
	double *x;		/* (n, N_FIELDS) */
	float *narrow;		/* the same */
	float *label;		/* (n,) */
	size_t n;
};

struct peer {
	const char *name;	/* of a line of the table */
	const char *object;	/* path; of ours the way, or NULL */
	const char *path;	/* of the model */
	const struct peer_kind *kind;
	size_t n_threads;	/* of ours, to load; 0: one a processor */
	void *handle[4];	/* the kind's own */
};

struct peer_kind {
	/* Load the model; called several times, each as the first. */
	void (*load)(struct peer *peer);
	/* Rows [at, at + n) in one call. */
	void (*predict)(struct peer *peer, const struct rows *rows, size_t at,
			size_t n, double *y);
	/* What n rows at once are done by; NULL: nobody tells. */
	const char *(*way)(struct peer *peer, size_t n);
};

extern const struct peer_kind peer_ours, peer_xgboost, peer_lightgbm,
	peer_onnxruntime;

/* Say what is wrong, and end the process. */
void die(const char *format, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/* Train models of so many trees upon the rows, and write them. */
void train_xgboost(const char *library, const struct rows *rows, int n_trees,
		   int depth, const char *json, const char *ubjson);
void train_lightgbm(const char *library, const struct rows *rows, int n_trees,
		    int depth, int n_leaves, const char *path);

/* Print what each model of the folder takes to load, beside the libraries:
 * (n_libraries,) KIND=LIBRARY. */
void compare_loads(const char *folder, char **libraries, size_t n_libraries,
		   size_t n_rounds);

#endif
