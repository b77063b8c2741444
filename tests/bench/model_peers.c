#include "model_peer.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/bundle.h"
#include "model/engine.h"

void
die(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fputs("bench-model: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

static void *
find(const char *library, const char *name)
{
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	void *symbol = handle ? dlsym(handle, name) : NULL;

	if (!symbol)
		die("%s", dlerror());
	return symbol;
}

/* A function of a library, of the type of the variable. */
#define FIND(library, name) (*(void **)&(name) = find(library, #name))

/* Ours. */

static void
load_ours(struct peer *peer)
{
	const struct aqi_model_options options = {
		.name = peer->path, .is_path = true, .takes_any = true,
		.skips_statistics = true, .n_threads = peer->n_threads,
		.engine = peer->object,
	};
	struct aqi_error err;

	aqi_model_free(peer->handle[0]);
	peer->handle[0] = aqi_model_load(&options, &err);
	/* A way that is not for this processor, or model, is not measured. */
	if (!peer->handle[0] && peer->object && err.code == AQI_E_USAGE)
		exit(0);
	if (!peer->handle[0])
		die("%s", err.reason);
}

static void
predict_ours(struct peer *peer, const struct rows *rows, size_t at, size_t n,
	     double *y)
{
	static size_t prepared;
	const struct aqi_model *model = peer->handle[0];

	if (n != prepared &&
	    aqi_engine_prepare(model->engine, n, NULL) != AQI_OK)
		die("memory ran out");
	prepared = n;
	aqi_model_predict(model, rows->x + at * N_FIELDS, n, y);
}

static const char *
way_of_ours(struct peer *peer, size_t n)
{
	const struct aqi_model *model = peer->handle[0];

	if (aqi_engine_prepare(model->engine, n, NULL) != AQI_OK)
		die("memory ran out");
	return aqi_engine_way(model->engine, n);
}

const struct peer_kind peer_ours = {load_ours, predict_ours, way_of_ours};

/* XGBoost: prediction in place, without a matrix of its own. */

#define XGBOOST(call) \
	do { \
		if ((call) != 0) \
			die("xgboost: %s", XGBGetLastError()); \
	} while (0)

static const char *(*XGBGetLastError)(void);

static void
load_xgboost(struct peer *peer)
{
	int (*XGBoosterCreate)(void *const *, uint64_t, void **);
	int (*XGBoosterLoadModel)(void *, const char *);
	int (*XGBoosterSetParam)(void *, const char *, const char *);
	int (*XGBoosterFree)(void *);
	int (*XGProxyDMatrixCreate)(void **);

	FIND(peer->object, XGBGetLastError);
	FIND(peer->object, XGBoosterCreate);
	FIND(peer->object, XGProxyDMatrixCreate);
	FIND(peer->object, XGBoosterLoadModel);
	FIND(peer->object, XGBoosterSetParam);
	FIND(peer->object, XGBoosterFree);
	if (peer->handle[0])
		XGBOOST(XGBoosterFree(peer->handle[0]));
	/* It would make one for each call, at half of a row's time. */
	if (!peer->handle[2])
		XGBOOST(XGProxyDMatrixCreate(&peer->handle[2]));
	XGBOOST(XGBoosterCreate(NULL, 0, &peer->handle[0]));
	XGBOOST(XGBoosterLoadModel(peer->handle[0], peer->path));
	XGBOOST(XGBoosterSetParam(peer->handle[0], "nthread", "1"));
	peer->handle[1] = find(peer->object, "XGBoosterPredictFromDense");
}

static void
predict_xgboost(struct peer *peer, const struct rows *rows, size_t at,
		size_t n, double *y)
{
	static const char config[] =
		"{\"type\":0,\"training\":false,\"iteration_begin\":0,"
		"\"iteration_end\":0,\"missing\":NaN,\"strict_shape\":false,"
		"\"cache_id\":0}";
	int (*predict)(void *, const char *, const char *, void *,
		       uint64_t const **, uint64_t *, const float **);
	const uint64_t *shape;
	const float *out;
	uint64_t dim;
	char array[160];

	*(void **)&predict = peer->handle[1];
	snprintf(array, sizeof array, "{\"data\":[%zu,true],\"shape\":[%zu,%d],"
		 "\"typestr\":\"<f4\",\"version\":3}",
		 (size_t)(rows->narrow + at * N_FIELDS), n, N_FIELDS);
	XGBOOST(predict(peer->handle[0], array, config, peer->handle[2], &shape,
			&dim, &out));
	for (size_t i = 0; i < n; i++)
		y[i] = (double)out[i];
}

const struct peer_kind peer_xgboost = {load_xgboost, predict_xgboost, NULL};

void
train_xgboost(const char *library, const struct rows *rows, int n_trees,
	      int depth, const char *json, const char *ubjson)
{
	int (*XGDMatrixCreateFromMat)(const float *, uint64_t, uint64_t, float,
				      void **);
	int (*XGDMatrixSetFloatInfo)(void *, const char *, const float *,
				     uint64_t);
	int (*XGBoosterCreate)(void *const *, uint64_t, void **);
	int (*XGBoosterSetParam)(void *, const char *, const char *);
	int (*XGBoosterUpdateOneIter)(void *, int, void *);
	int (*XGBoosterSaveModel)(void *, const char *);
	void *matrix, *booster;
	char number[16];

	FIND(library, XGBGetLastError);
	FIND(library, XGDMatrixCreateFromMat);
	FIND(library, XGDMatrixSetFloatInfo);
	FIND(library, XGBoosterCreate);
	FIND(library, XGBoosterSetParam);
	FIND(library, XGBoosterUpdateOneIter);
	FIND(library, XGBoosterSaveModel);
	XGBOOST(XGDMatrixCreateFromMat(rows->narrow, rows->n, N_FIELDS,
				       __builtin_nanf(""), &matrix));
	XGBOOST(XGDMatrixSetFloatInfo(matrix, "label", rows->label, rows->n));
	XGBOOST(XGBoosterCreate(&matrix, 1, &booster));
	snprintf(number, sizeof number, "%d", depth);
	XGBOOST(XGBoosterSetParam(booster, "max_depth", number));
	XGBOOST(XGBoosterSetParam(booster, "eta", depth > 6 ? "0.03" : "0.08"));
	XGBOOST(XGBoosterSetParam(booster, "tree_method", "hist"));
	XGBOOST(XGBoosterSetParam(booster, "objective", "reg:squarederror"));
	XGBOOST(XGBoosterSetParam(booster, "subsample", "0.8"));
	XGBOOST(XGBoosterSetParam(booster, "seed", "1"));
	for (int i = 0; i < n_trees; i++)
		XGBOOST(XGBoosterUpdateOneIter(booster, i, matrix));
	XGBOOST(XGBoosterSaveModel(booster, json));
	XGBOOST(XGBoosterSaveModel(booster, ubjson));
}

/* LightGBM: one row by its fast call, whose options are read only once. */

#define LIGHTGBM(call) \
	do { \
		if ((call) != 0) \
			die("lightgbm: %s", LGBM_GetLastError()); \
	} while (0)

#define LIGHTGBM_DOUBLES 1
#define LIGHTGBM_OPTIONS "num_threads=1 verbosity=-1"

static const char *(*LGBM_GetLastError)(void);

static void
load_lightgbm(struct peer *peer)
{
	int (*LGBM_BoosterCreateFromModelfile)(const char *, int *, void **);
	int (*LGBM_BoosterPredictForMatSingleRowFastInit)(
		void *, int, int, int, int, int32_t, const char *, void **);
	int (*LGBM_BoosterFree)(void *);
	int n;

	FIND(peer->object, LGBM_GetLastError);
	FIND(peer->object, LGBM_BoosterCreateFromModelfile);
	FIND(peer->object, LGBM_BoosterPredictForMatSingleRowFastInit);
	FIND(peer->object, LGBM_BoosterFree);
	if (peer->handle[0])
		LIGHTGBM(LGBM_BoosterFree(peer->handle[0]));
	LIGHTGBM(LGBM_BoosterCreateFromModelfile(peer->path, &n,
						 &peer->handle[0]));
	LIGHTGBM(LGBM_BoosterPredictForMatSingleRowFastInit(
		peer->handle[0], 0, 0, -1, LIGHTGBM_DOUBLES, N_FIELDS,
		LIGHTGBM_OPTIONS, &peer->handle[1]));
	peer->handle[2] = find(peer->object, "LGBM_BoosterPredictForMat");
	peer->handle[3] = find(peer->object,
			       "LGBM_BoosterPredictForMatSingleRowFast");
}

static void
predict_lightgbm(struct peer *peer, const struct rows *rows, size_t at,
		 size_t n, double *y)
{
	int (*all)(void *, const void *, int, int32_t, int32_t, int, int, int,
		   int, const char *, int64_t *, double *);
	int (*one)(void *, const void *, int64_t *, double *);
	const double *x = rows->x + at * N_FIELDS;
	int64_t n_out;

	*(void **)&all = peer->handle[2];
	*(void **)&one = peer->handle[3];
	if (n == 1)
		LIGHTGBM(one(peer->handle[1], x, &n_out, y));
	else
		LIGHTGBM(all(peer->handle[0], x, LIGHTGBM_DOUBLES, (int32_t)n,
			     N_FIELDS, 1, 0, 0, -1, LIGHTGBM_OPTIONS, &n_out,
			     y));
}

const struct peer_kind peer_lightgbm = {load_lightgbm, predict_lightgbm, NULL};

void
train_lightgbm(const char *library, const struct rows *rows, int n_trees,
	       int depth, int n_leaves, const char *path)
{
	int (*LGBM_DatasetCreateFromMat)(const void *, int, int32_t, int32_t,
					 int, const char *, void *, void **);
	int (*LGBM_DatasetSetField)(void *, const char *, const void *, int,
				    int);
	int (*LGBM_BoosterCreate)(void *, const char *, void **);
	int (*LGBM_BoosterUpdateOneIter)(void *, int *);
	int (*LGBM_BoosterSaveModel)(void *, int, int, int, const char *);
	void *data, *booster;
	char options[160];
	int is_finished;

	FIND(library, LGBM_GetLastError);
	FIND(library, LGBM_DatasetCreateFromMat);
	FIND(library, LGBM_DatasetSetField);
	FIND(library, LGBM_BoosterCreate);
	FIND(library, LGBM_BoosterUpdateOneIter);
	FIND(library, LGBM_BoosterSaveModel);
	LIGHTGBM(LGBM_DatasetCreateFromMat(rows->x, LIGHTGBM_DOUBLES,
					   (int32_t)rows->n, N_FIELDS, 1,
					   "max_bin=255 verbosity=-1", NULL,
					   &data));
	LIGHTGBM(LGBM_DatasetSetField(data, "label", rows->label,
				      (int)rows->n, 0));
	snprintf(options, sizeof options, "objective=regression max_depth=%d "
		 "num_leaves=%d learning_rate=0.08 verbosity=-1", depth,
		 n_leaves);
	LIGHTGBM(LGBM_BoosterCreate(data, options, &booster));
	for (int i = 0; i < n_trees; i++)
		LIGHTGBM(LGBM_BoosterUpdateOneIter(booster, &is_finished));
	LIGHTGBM(LGBM_BoosterSaveModel(booster, 0, -1, 0, path));
}

/*
 * ONNX Runtime: a table of functions, whose order never changes; the places
 * here are those of its header since version 1.
 */

enum {
	ORT_GET_ERROR_MESSAGE = 2, ORT_CREATE_ENV = 3, ORT_CREATE_SESSION = 7,
	ORT_RUN = 9, ORT_CREATE_SESSION_OPTIONS = 10,
	ORT_SET_INTRA_OP_NUM_THREADS = 24, ORT_CREATE_TENSOR_WITH_DATA = 49,
	ORT_GET_TENSOR_MUTABLE_DATA = 51, ORT_CREATE_CPU_MEMORY_INFO = 69,
	ORT_RELEASE_SESSION = 95, ORT_RELEASE_VALUE = 96
};

typedef void ort_fn(void);

struct ort_base {
	ort_fn *const *(*get_api)(uint32_t version);
	const char *(*get_version)(void);
};

static ort_fn *const *ort;

static void
check_ort(void *status)
{
	if (status)
		die("onnxruntime: %s", ((const char *(*)(void *))
			ort[ORT_GET_ERROR_MESSAGE])(status));
}

#define ORT(place, types, ...) \
	check_ort(((void *(*)types)ort[place])(__VA_ARGS__))

static void
load_onnxruntime(struct peer *peer)
{
	const struct ort_base *(*OrtGetApiBase)(void);
	static void *env, *options;

	FIND(peer->object, OrtGetApiBase);
	ort = OrtGetApiBase()->get_api(1);
	if (!env) {
		ORT(ORT_CREATE_ENV, (int, const char *, void **), 3, "bench",
		    &env);
		ORT(ORT_CREATE_SESSION_OPTIONS, (void **), &options);
		ORT(ORT_SET_INTRA_OP_NUM_THREADS, (void *, int), options, 1);
		ORT(ORT_CREATE_CPU_MEMORY_INFO, (int, int, void **), 1, 0,
		    &peer->handle[1]);
	}
	if (peer->handle[0])
		((void (*)(void *))ort[ORT_RELEASE_SESSION])(peer->handle[0]);
	ORT(ORT_CREATE_SESSION, (void *, const char *, void *, void **), env,
	    peer->path, options, &peer->handle[0]);
}

static void
predict_onnxruntime(struct peer *peer, const struct rows *rows, size_t at,
		    size_t n, double *y)
{
	const int64_t shape[] = {(int64_t)n, N_FIELDS};
	const char *const in[] = {"X"}, *const out[] = {"Y"};
	void (*release)(void *) = (void (*)(void *))ort[ORT_RELEASE_VALUE];
	void *x, *margin = NULL;
	float *values;

	ORT(ORT_CREATE_TENSOR_WITH_DATA,
	    (void *, const void *, size_t, const int64_t *, size_t, int,
	     void **), peer->handle[1], rows->narrow + at * N_FIELDS,
	    n * N_FIELDS * sizeof(float), shape, 2, 1, &x);
	ORT(ORT_RUN,
	    (void *, void *, const char *const *, void *const *, size_t,
	     const char *const *, size_t, void **), peer->handle[0], NULL, in,
	    &x, 1, out, 1, &margin);
	ORT(ORT_GET_TENSOR_MUTABLE_DATA, (void *, void *), margin, &values);
	for (size_t i = 0; i < n; i++)
		y[i] = (double)values[i];
	release(margin);
	release(x);
}

const struct peer_kind peer_onnxruntime = {
	load_onnxruntime, predict_onnxruntime, NULL
};
