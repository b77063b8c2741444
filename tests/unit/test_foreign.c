/* What a file is that is no model, told by its first bytes or its keys. */
#include "model/foreign.h"

#include <stdlib.h>

#include "model/forest.h"
#include "model/trees.h"
#include "tap.h"

#define SAVE "save it from XGBoost as JSON: booster.save_model(\"model.json\")"
#define SAVE_AS_ANY \
	"save it by save_model of XGBoost or LightGBM, or as ONNX by skl2onnx"
#define READABLE \
	": XGBoost's JSON and UBJSON, LightGBM's text and ONNX can be read"

static bool
says(const char *bytes, size_t size, const char *reason)
{
	struct aqi_arena arena = {0};
	struct aqi_trees trees;
	struct aqi_error err = {0};
	const enum aqi_status status = aqi_trees_read(
		(struct aqi_slice){bytes, size}, NULL, &arena, &trees, &err);
	const bool right = status == AQI_FATAL && err.code == AQI_E_MODEL &&
			   strcmp(err.reason, reason) == 0;

	if (!right)
		note("%s", status == AQI_OK ? "it was read" : err.reason);
	if (status == AQI_OK)
		aqi_forest_free(trees.forest);
	aqi_arena_free(&arena);
	return right;
}

static void
test_foreign(void)
{
	static char legacy[200];
	const uint64_t size = 15;
	static const struct {
		const char *bytes;
		size_t size;
		const char *reason;
	} files[] = {
#define BYTES(text) text, sizeof (text) - 1
#define SAVE_AS_TEXT \
	": save the whole from LightGBM: booster.save_model(\"model.txt\")"
		{BYTES(""), "the file is empty" READABLE},
		{BYTES("binf\x01"), "this is an XGBoost model in the old "
		 "binary format: load it with XGBoost 1.0 to 3.0 and save it "
		 "again as JSON"},
		{BYTES("bs64\tAA"), "this is an XGBoost model in the old "
		 "base64 format: load it with XGBoost 1.0 to 3.0 and save it "
		 "again as JSON"},
		{legacy, sizeof legacy, "this is an XGBoost model in the old "
		 "binary format: load it with XGBoost 1.0 to 3.0 and save it "
		 "again as JSON"},
		{BYTES("booster[0]:\n0:[f1<2]"), "this is an XGBoost text "
		 "dump, without base score or objective: " SAVE},
		{BYTES("[{\"nodeid\":0,\"leaf\":1}]"), "this is an XGBoost "
		 "tree dump, without base score or objective: " SAVE},
		{BYTES("0.5\n[ {\"nodeid\":0}]"), "this is an XGBoost tree "
		 "dump, without base score or objective: " SAVE},
		{BYTES("\x80\x04\x95"), "this is a Python pickle, which is "
		 "never run: " SAVE_AS_ANY},
		{BYTES("ccopy_reg\n_x\n"), "this is a Python pickle, which is "
		 "never run: " SAVE_AS_ANY},
		{BYTES("c__builtin__\nset\n"), "this is a Python pickle, "
		 "which is never run: " SAVE_AS_ANY},
		{BYTES("(dp0\nS'a'\n"), "this is a Python pickle, which is "
		 "never run: " SAVE_AS_ANY},
		{BYTES("(lp0\nI1\n"), "this is a Python pickle, which is "
		 "never run: " SAVE_AS_ANY},
		{BYTES("csklearn.tree\n"), "this is a Python pickle, which "
		 "is never run: " SAVE_AS_ANY},
		{BYTES("cxgboost.core\n"), "this is a Python pickle, which "
		 "is never run: " SAVE_AS_ANY},
		{BYTES("Tree=0\nnum_leaves=2\n"), "this is a tree cut out of a "
		 "LightGBM text model" SAVE_AS_TEXT},
		{BYTES("{\"name\":\"tree\",\"feature_names\":[],"
		       "\"tree_info\":[]}"),
		 "this is a LightGBM JSON dump" SAVE_AS_TEXT},
		{BYTES("CBM1abc"), "this is a CatBoost model" READABLE},
		{BYTES("\x89HDF\r\n"), "this is an HDF5 file" READABLE},
		{BYTES("<?xml version"), "this is XML, perhaps PMML"
		 READABLE},
		{BYTES("\x7f" "ELF\2"), "this is a program or library (ELF): "
		 "name a model file"},
		{BYTES("\x1f\x8b\x08"), "this is gzip data: unpack it with "
		 "gunzip"},
		{BYTES("\x28\xb5\x2f\xfd"), "this is zstd data: unpack it with "
		 "unzstd"},
		{BYTES("BZh9"), "this is bzip2 data: unpack it with bunzip2"},
		{BYTES("\xfd" "7zXZ"), "this is xz data: unpack it with unxz"},
		{BYTES("PK\3\4"), "this is a zip archive: unpack it with "
		 "unzip"},
		{BYTES("\x78\x9c"), "this is zlib data, perhaps a joblib "
		 "pickle: " SAVE_AS_ANY},
		{BYTES("\x78\x01"), "this is zlib data, perhaps a joblib "
		 "pickle: " SAVE_AS_ANY},
		{BYTES("\x78\x5e"), "this is zlib data, perhaps a joblib "
		 "pickle: " SAVE_AS_ANY},
		{BYTES("\x78\xda"), "this is zlib data, perhaps a joblib "
		 "pickle: " SAVE_AS_ANY},
		{BYTES("CONFIG-offset:1"), "this is an XGBoost memory "
		 "snapshot: " SAVE},
		{BYTES("{\0\"\0"), "this is UTF-16 text: write it as UTF-8"},
		{BYTES("\xff\xfe{\0"), "this is UTF-16 text: write it as "
		 "UTF-8"},
		{BYTES("\xfe\xff\0{"), "this is UTF-16 text: write it as "
		 "UTF-8"},
		{BYTES("\0{\0\""), "this is UTF-16 text: write it as UTF-8"},
		{BYTES("-5e-1\n["), "this is no model of a known kind"
		 READABLE},
		{BYTES("-0.5\n[ {\"nodeid\":0}]"), "this is an XGBoost tree "
		 "dump, without base score or objective: " SAVE},
		{BYTES("pm25,pm10\n"), "this is no model of a known kind"
		 READABLE},
		{BYTES(" \n"), "this is no model of a known kind"
		 READABLE},
		{BYTES("{}"), "this is JSON, but no XGBoost model (no "
		 "learner): " SAVE},
		{BYTES("[]"), "this is JSON, but no XGBoost model (no "
		 "learner): " SAVE},
		{BYTES("[{\"node\":0}]"), "this is JSON, but no XGBoost "
		 "model (no learner): " SAVE},
		{BYTES("{\"tree_info\":[]}"), "this is JSON, but no XGBoost "
		 "model (no learner): " SAVE},
	};

	memcpy(legacy + 136, &size, sizeof size);
	memcpy(legacy + 144, "binary:logistic", 15);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		ok(says(files[i].bytes, files[i].size, files[i].reason), "%s",
		   files[i].reason);
}

/* What only begins like a kind of file is of no known kind. */
static void
test_almost_foreign(void)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *what;
	} files[] = {
		{BYTES("\x80\1."), "a pickle of protocol 1"},
		{BYTES("\x80\6."), "a pickle of protocol 6"},
		{BYTES("\x08\0\x12"), "ONNX of version 0"},
		{BYTES("\x08\x40\x12"), "ONNX of version 64"},
		{BYTES("\x08\7\x11"), "ONNX with no field behind it"},
		{BYTES("\x08\7\x73"), "ONNX with a field too far"},
		{BYTES("0.5 [{\"nodeid\":0}]"), "a score on the dump's line"},
		{BYTES("0.5\n{\"nodeid\":0}"), "a score before an object"},
	};
	static const struct {
		uint64_t size;
		const char *name, *what;
	} objectives[] = {
		{2, "reg:linear", "a name of 2 bytes"},
		{64, "reg:linear", "a name of 64 bytes"},
		{57, "reg:linear", "a name longer than the file"},
		{10, "0eg:linear", "a name that begins with a digit"},
		{10, "r0g:linear", "a name with a digit in it"},
		{10, "re0:linear", "a name with a digit third"},
	};
	const char *unknown = "this is no model of a known kind"
		 READABLE;

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		ok(says(files[i].bytes, files[i].size, unknown), "unknown: %s",
		   files[i].what);
	for (size_t i = 0; i < sizeof objectives / sizeof *objectives; i++) {
		char bytes[200] = {0};

		memcpy(bytes + 136, &objectives[i].size, sizeof(uint64_t));
		memcpy(bytes + 144, objectives[i].name, 10);
		ok(says(bytes, sizeof bytes, unknown),
		   "unknown: the old binary format, of %s",
		   objectives[i].what);
	}
}

int
main(void)
{
	test_foreign();
	test_almost_foreign();
	return done();
}
