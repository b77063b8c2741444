# helper.bash: what every bats file loads. Programs come from $BUILD.

bats_require_minimum_version 1.5.0

BUILD=${BUILD:-build}
ROOT=$(cd "${BATS_TEST_DIRNAME}/../.." && pwd)
case $BUILD in /*) ;; *) BUILD=$ROOT/$BUILD ;; esac
PATH=$BUILD:$PATH
export PATH BUILD ROOT LC_ALL=C
unset AQI_ENGINE AQI_MODEL MODEL_PATH AQI_MODELS_DIR

# The header of the base record, and a record that any schema accepts.
HEADER=pm25,pm10,no2,so2,co,o3,temperature,humidity,wind_speed,pressure,hour,day_of_week,month
GOOD=35.5,50.2,25.3,8.1,0.6,45.7,22.5,65.0,3.2,1013.25,14,2,6

# Say why a test is skipped unless a folder of test material is named.
need_folder() {
	[ -n "${!1:-}" ] || skip "$1 is not set"
}

# Compare $output with a text, showing both when they differ.
is_output() {
	[ "$output" = "$1" ] || {
		printf -- '--- wanted\n%s\n--- got\n%s\n' "$1" "$output"
		return 1
	}
}

# The same for $stderr (run --separate-stderr).
is_stderr() {
	[ "$stderr" = "$1" ] || {
		printf -- '--- wanted on stderr\n%s\n--- got\n%s\n' "$1" "$stderr"
		return 1
	}
}

# What a C compiler needs to link with the library as it was built: that of the
# sanitizers, or of a measurement of coverage.
library_flags() {
	local symbols
	symbols=$(nm "$BUILD/libaqi.a" 2>/dev/null)
	[[ $symbols != *__asan_init* ]] || echo -fsanitize=address,undefined
	[[ $symbols != *__gcov_init* ]] || echo --coverage
}

# A model of one tree over pm25, so that no other is needed.
make_model() {
	cat >model.json <<-'END'
	{"learner":{"attributes":{},"feature_names":["pm25"],"feature_types":[],
	"gradient_booster":{"model":{"gbtree_model_param":
	{"num_parallel_tree":"1","num_trees":"1","size_leaf_vector":"0"},
	"tree_info":[0],"trees":[{"default_left":[1,0,0],"id":0,
	"left_children":[1,-1,-1],"loss_changes":[12.5,0,0],
	"right_children":[2,-1,-1],"split_conditions":[30.5,25.25,75.5],
	"split_indices":[0,0,0],"split_type":[0,0,0],
	"tree_param":{"num_deleted":"0","num_feature":"1","num_nodes":"3",
	"size_leaf_vector":"0"}}]},"name":"gbtree"},"learner_model_param":
	{"base_score":"0","boost_from_average":"1","num_class":"0",
	"num_feature":"1","num_target":"1"},"objective":
	{"name":"reg:squarederror","reg_loss_param":{"scale_pos_weight":"1"}}},
	"version":[1,7,4]}
	END
}

# The last line of a command with kill_at, as $said; only where nobody may trace,
# which is its status 99, the test is skipped.
trace() {
	local status=0
	said=$("$@" 2>/dev/null) || status=$?
	[ "$status" != 99 ] || skip "no right to trace"
	[ "$status" = 0 ]
	said=${said##*$'\n'}
}
