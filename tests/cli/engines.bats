#!/usr/bin/env bats
# The ways to evaluate a model: --engine and $AQI_ENGINE.

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR"
}

# All ways, as the message on a wrong one lists them.
engines() {
	aqi-predict --engine none </dev/null 2>&1 |
	sed -n 's/.*these are: //p' | tr -d ,
}

# N records, some with values missing.
records() {
	echo "$HEADER"
	awk -v n="$1" -v fields="$(tr , ' ' <<<"$GOOD")" 'BEGIN {
		n_fields = split(fields, field, " ")
		for (i = 0; i < n; i++) {
			line = ""
			for (k = 1; k <= n_fields; k++) {
				x = int(field[k] * (i * (k + 3) % 17) / 8)
				line = line (k > 1 ? "," : "") \
					((i + k) % 29 == 0 ? "" : x)
			}
			print line
		}
	}'
}

# A tree of so many levels, of which one side is always a leaf.
deep_model() {
	jq -nc --argjson n "$1" '
		def nodes(f): [range(2 * $n + 1) | f];
		def inner: . % 2 == 0 and . < 2 * $n;
		{learner: {attributes: {}, feature_names: ["pm25"],
		feature_types: [], gradient_booster: {name: "gbtree", model: {
			gbtree_model_param: {num_parallel_tree: "1",
				num_trees: "1", size_leaf_vector: "0"},
			tree_info: [0], trees: [{id: 0,
				default_left: nodes(0), loss_changes: nodes(0),
				left_children: nodes(if inner then . + 1
					else -1 end),
				right_children: nodes(if inner then . + 2
					else -1 end),
				split_conditions: nodes(. + 0.5),
				split_indices: nodes(0), split_type: nodes(0),
				tree_param: {num_deleted: "0", num_feature: "1",
					num_nodes: "\(2 * $n + 1)",
					size_leaf_vector: "0"}}]}},
		learner_model_param: {base_score: "0", boost_from_average: "1",
			num_class: "0", num_feature: "1", num_target: "1"},
		objective: {name: "reg:squarederror",
			reg_loss_param: {scale_pos_weight: "1"}}},
		version: [1, 7, 4]}'
}

@test "every engine writes the same bytes, with one thread and several" {
	records 2500 >in.csv
	aqi-predict --exact in.csv >chosen.csv
	for engine in $(engines); do
		if ! aqi-predict --engine "$engine" in.csv >/dev/null 2>err; then
			grep "engine $engine is not for this processor" err
			continue
		fi
		for jobs in 1 3; do
			aqi-predict --engine "$engine" -j $jobs --exact in.csv |
				cmp - chosen.csv
		done
	done
}

@test "a first word is the best that the processor has" {
	records 20 >in.csv
	aqi-predict --exact in.csv >chosen.csv
	for engine in scalar walk interleaved nodes planes; do
		aqi-predict --engine $engine --exact in.csv | cmp - chosen.csv
	done
}

@test "an engine that is none is refused with those that are" {
	run -2 --separate-stderr aqi-predict --engine fast </dev/null
	is_output ''
	[[ $stderr = 'aqi-predict:production: "fast" is no engine; these are: scalar, walk, interleaved, nodes-portable, '*', planes-portable'* ]]
	run -2 aqi-predict --engine '' </dev/null
}

@test "an engine that is not for the model says why, and which are" {
	deep_model 8 >eight.json
	deep_model 9 >nine.json
	printf 'pm25\n3\n40\n' >in.csv
	run -0 aqi-predict -m ./eight.json --engine nodes in.csv
	run -2 --separate-stderr aqi-predict -m ./nine.json --engine nodes in.csv
	is_output ''
	[[ $stderr = 'aqi-predict:./nine.json: engine nodes is not for this model, which has trees deeper than 8; these are: scalar, walk, interleaved'* ]]
}

@test "an engine that is not for the processor says which are" {
	for engine in nodes-avx512 nodes-avx2; do
		run --separate-stderr aqi-predict --engine $engine </dev/null
		[ "$status" != 2 ] || [[ $stderr = "aqi-predict:production: engine $engine is not for this processor; these are, and for this model: scalar, walk, interleaved, nodes-portable, "* ]]
	done
}

@test "the environment names an engine, and the option comes first" {
	records 3 >in.csv
	AQI_ENGINE=walk run -0 aqi-predict in.csv
	AQI_ENGINE=fast run -2 aqi-predict in.csv
	[[ $output = *'"fast" is no engine;'* ]]
	AQI_ENGINE=fast run -0 aqi-predict --engine scalar in.csv
}
