#include "model/foreign.h"

#include <ctype.h>
#include <stdint.h>

#define SAVE_AS_JSON \
	"save it from XGBoost as JSON: booster.save_model(\"model.json\")"
#define SAVE_AS_ANY \
	"save it by save_model of XGBoost or LightGBM, or as ONNX by skl2onnx"
#define SAVE_AGAIN \
	"load it with XGBoost 1.0 to 3.0 and save it again as JSON"
#define SAVE_AS_TEXT \
	"save the whole from LightGBM: booster.save_model(\"model.txt\")"
#define READABLE \
	"XGBoost's JSON and UBJSON, LightGBM's text and ONNX can be read"

struct kind {
	const char *what;
	const char *advice;
};

static const struct kind
	legacy = {"an XGBoost model in the old binary format", SAVE_AGAIN},
	pickle = {"a Python pickle, which is never run", SAVE_AS_ANY},
	utf16 = {"UTF-16 text", "write it as UTF-8"},
	dump = {"an XGBoost tree dump, without base score or objective",
		SAVE_AS_JSON},
	lightgbm_dump = {"a LightGBM JSON dump", SAVE_AS_TEXT},
	unknown = {"no model of a known kind", READABLE},
	no_learner = {"JSON, but no XGBoost model (no learner)", SAVE_AS_JSON};

static const struct {
	const char *bytes;
	size_t size;
	struct kind kind;
} magics[] = {
#define BYTES(text) text, sizeof (text) - 1
	{BYTES("binf"), {"an XGBoost model in the old binary format",
			 SAVE_AGAIN}},
	{BYTES("bs64"), {"an XGBoost model in the old base64 format",
			 SAVE_AGAIN}},
	{BYTES("CONFIG-offset:"), {"an XGBoost memory snapshot", SAVE_AS_JSON}},
	{BYTES("Tree="), {"a tree cut out of a LightGBM text model",
			  SAVE_AS_TEXT}},
	{BYTES("booster["), {"an XGBoost text dump, without base score or "
			     "objective", SAVE_AS_JSON}},
	{BYTES("\x7f" "ELF"), {"a program or library (ELF)",
			       "name a model file"}},
	{BYTES("\x1f\x8b"), {"gzip data", "unpack it with gunzip"}},
	{BYTES("\x28\xb5\x2f\xfd"), {"zstd data", "unpack it with unzstd"}},
	{BYTES("BZh"), {"bzip2 data", "unpack it with bunzip2"}},
	{BYTES("\xfd" "7zXZ"), {"xz data", "unpack it with unxz"}},
	{BYTES("PK\x03\x04"), {"a zip archive", "unpack it with unzip"}},
	{BYTES("\x78\x01"), {"zlib data, perhaps a joblib pickle",
			     SAVE_AS_ANY}},
	{BYTES("\x78\x5e"), {"zlib data, perhaps a joblib pickle",
			     SAVE_AS_ANY}},
	{BYTES("\x78\x9c"), {"zlib data, perhaps a joblib pickle",
			     SAVE_AS_ANY}},
	{BYTES("\x78\xda"), {"zlib data, perhaps a joblib pickle",
			     SAVE_AS_ANY}},
	{BYTES("\x89HDF"), {"an HDF5 file", READABLE}},
	{BYTES("cbm1"), {"a CatBoost model", READABLE}},
	{BYTES("CBM1"), {"a CatBoost model", READABLE}},
	{BYTES("<?xml"), {"XML, perhaps PMML", READABLE}},
#undef BYTES
};

static bool
begins_with(struct aqi_slice bytes, const char *start, size_t size)
{
	return bytes.size >= size && memcmp(bytes.data, start, size) == 0;
}

static unsigned char
byte_at(struct aqi_slice bytes, size_t i)
{
	return i < bytes.size ? (unsigned char)bytes.data[i] : 0;
}

/* Blocks of 136 bytes of parameters, then the objective's length and name. */
static bool
is_legacy(struct aqi_slice bytes)
{
	const size_t at = 136, name = at + sizeof(uint64_t);
	uint64_t size;

	if (bytes.size < name + 3)
		return false;
	memcpy(&size, bytes.data + at, sizeof size);
	return size >= 3 && size < 64 && size <= bytes.size - name &&
	       isalpha(byte_at(bytes, name)) &&
	       isalpha(byte_at(bytes, name + 1)) &&
	       isalpha(byte_at(bytes, name + 2));
}

/* Protocol 2 and later name themselves; 0 and 1 import a module by name. */
static bool
is_pickle(struct aqi_slice bytes)
{
	if (byte_at(bytes, 0) == 0x80)
		return byte_at(bytes, 1) >= 2 && byte_at(bytes, 1) <= 5;
	return begins_with(bytes, "ccopy_reg\n", 10) ||
	       begins_with(bytes, "c__builtin__\n", 13) ||
	       begins_with(bytes, "(dp0\n", 5) ||
	       begins_with(bytes, "(lp0\n", 5) ||
	       begins_with(bytes, "csklearn", 8) ||
	       begins_with(bytes, "cxgboost", 8);
}

static bool
is_utf16(struct aqi_slice bytes)
{
	return begins_with(bytes, "\xff\xfe", 2) ||
	       begins_with(bytes, "\xfe\xff", 2) ||
	       begins_with(bytes, "{\0", 2) || begins_with(bytes, "\0{", 2);
}

/* gbdt-rs puts the base score on a line above the dump. */
static bool
is_scored_dump(struct aqi_slice bytes)
{
	size_t i = 0;

	while (isdigit(byte_at(bytes, i)) || byte_at(bytes, i) == '.' ||
	       byte_at(bytes, i) == '-')
		i++;
	return i > 0 && byte_at(bytes, i) == '\n' &&
	       byte_at(bytes, i + 1) == '[';
}

static enum aqi_status
refuse(const struct kind *kind, struct aqi_error *err)
{
	return aqi_error_set(err, AQI_E_MODEL, "this is %s: %s", kind->what,
			     kind->advice);
}

enum aqi_status
aqi_foreign_refuse(struct aqi_slice bytes, struct aqi_error *err)
{
	if (bytes.size == 0)
		return aqi_error_set(err, AQI_E_MODEL,
				     "the file is empty: %s", READABLE);
	for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
		if (begins_with(bytes, magics[i].bytes, magics[i].size))
			return refuse(&magics[i].kind, err);
	if (is_legacy(bytes))
		return refuse(&legacy, err);
	if (is_pickle(bytes))
		return refuse(&pickle, err);
	if (is_utf16(bytes))
		return refuse(&utf16, err);
	if (is_scored_dump(bytes))
		return refuse(&dump, err);
	return refuse(&unknown, err);
}

enum aqi_status
aqi_foreign_json(enum aqi_foreign_json what, struct aqi_error *err)
{
	switch (what) {
	case AQI_FOREIGN_DUMP:
		return refuse(&dump, err);
	case AQI_FOREIGN_LIGHTGBM_DUMP:
		return refuse(&lightgbm_dump, err);
	case AQI_FOREIGN_NO_LEARNER:
		break;
	}
	return refuse(&no_learner, err);
}
