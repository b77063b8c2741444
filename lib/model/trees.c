#include "model/trees.h"

#include "model/lightgbm.h"
#include "model/xgboost.h"

const char *const aqi_trees_formats[] = {
	"xgboost-json", "xgboost-ubjson", "lightgbm-text", "onnx", NULL
};

enum aqi_status
aqi_trees_read(struct aqi_slice bytes, struct aqi_arena *arena,
	       struct aqi_trees *trees, struct aqi_error *err)
{
	*trees = (struct aqi_trees){0};
	if (aqi_lightgbm_is_model(bytes))
		return aqi_lightgbm_read(bytes, arena, trees, err);
	return aqi_xgboost_read(bytes, arena, trees, err);
}
