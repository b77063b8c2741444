#!/usr/bin/env bats
# aqi-model: what it says of models, and that they say what their libraries say.

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR"
	make_model
}

# --- eval

@test "eval: the sums and outputs of each record, and nothing else" {
	run -0 --separate-stderr aqi-model eval ./model.json <<<$'any\n12.5\n\n50\nNA'
	is_output $'margin_0,out_0\n25.25,25.25\n25.25,25.25\n75.5,75.5\n25.25,25.25'
	is_stderr ''
	run -0 aqi-model eval ./model.json <<<$'{"any":12.5}\n{"other":1}'
	is_output $'{"margin_0":25.25,"out_0":25.25}\n{"margin_0":25.25,"out_0":25.25}'
	run -0 aqi-model eval -O ndjson ./model.json <<<$'any\n50'
	is_output '{"margin_0":75.5,"out_0":75.5}'
}

@test "eval: --keep passes the columns through" {
	run -0 aqi-model eval --keep --by-name ./model.json <<<$'id,pm25\na,50'
	is_output $'id,pm25,margin_0,out_0\na,50,75.5,75.5'
	run -0 aqi-model eval --keep ./model.json <<<'{"pm25": 50}'
	is_output '{"pm25": 50,"margin_0":75.5,"out_0":75.5}'
}

@test "eval: --leaf writes the leaves alone, without a header" {
	run -0 aqi-model eval --leaf ./model.json <<<$'pm25\n12.5\n50'
	is_output $'1\n2'
	run -0 aqi-model eval --leaf -O ndjson ./model.json <<<$'pm25\n12.5\n50'
	is_output $'{"leaf":[1]}\n{"leaf":[2]}'
	run -0 aqi-model eval --leaf ./model.json <<<$'{"pm25":12.5}'
	is_output '{"leaf":[1]}'
	run -0 aqi-model eval --leaf -O csv ./model.json <<<$'{"pm25":12.5}'
	is_output 1
	run -2 --separate-stderr aqi-model eval --leaf --keep ./model.json </dev/null
	is_stderr 'aqi-model: --leaf writes leaves alone, and does not go with --keep'
}

@test "eval: leaves have the delimiter of the output between them" {
	sed 's/"num_trees":"1"/"num_trees":"2"/; s/"tree_info":\[0\]/"tree_info":[0,0]/
		s/"trees":\[\({.*\)/"trees":[\1/' model.json >two.json
	python3 - <<-'END'
	import json
	model = json.load(open("two.json"))
	trees = model["learner"]["gradient_booster"]["model"]["trees"]
	trees.append(dict(trees[0], id=1, split_conditions=[60, 1, 2]))
	json.dump(model, open("two.json", "w"))
	END
	run -0 aqi-model eval --leaf ./two.json <<<$'pm25\n12.5\n50\n70'
	is_output $'1,1\n2,1\n2,2'
	run -0 aqi-model eval --leaf -d tab ./two.json <<<$'pm25\n50'
	is_output $'2\t1'
	run -0 aqi-model eval ./two.json <<<$'pm25\n50'
	is_output $'margin_0,out_0\n76.5,76.5'
}

@test "eval: a bundle's transform is in out, not in margin" {
	run -0 aqi-model eval --by-name production <<<"$HEADER"$'\n'"$GOOD"
	[[ ${lines[1]} =~ ^([0-9.]+),([0-9.]+)$ ]]
	out=${BASH_REMATCH[2]}
	python3 -c 'import sys; m, o = map(float, sys.argv[1:]); sys.exit(abs(m * m - o) > 1e-4)' \
		"${BASH_REMATCH[@]:1}"
	run -0 aqi-predict --exact <<<"$HEADER"$'\n'"$GOOD"
	[[ ${lines[1]} = "$GOOD,$out,"* ]]
}

@test "eval: columns by place are as many as inputs, and none is another one" {
	run -2 --separate-stderr aqi-model eval ./model.json <<<$'pm25,pm10\n1,2'
	is_output ''
	is_stderr 'aqi-model:-:1: 2 columns, but the model has 1 inputs: --by-name binds them by name'
	run -2 --separate-stderr aqi-model eval production <<<"pm10,pm25,${HEADER#*,*,}"$'\n'"$GOOD"
	is_output ''
	is_stderr 'aqi-model:-:1: pm10: column 1 has the name of input 2 of the model: --by-name binds columns by name'
	run -0 aqi-model eval --by-name production <<<"pm10,pm25,${HEADER#*,*,}"$'\n'"50.2,35.5,${GOOD#*,*,}"
	by_name=$output
	run -0 aqi-model eval production <<<"$HEADER"$'\n'"$GOOD"
	is_output "$by_name"
	run -2 --separate-stderr aqi-model eval --by-name ./model.json <<<$'PM2.5\n1'
	[[ $stderr = 'aqi-model:-:1: pm25: no such column, and "PM2.5" looks like it'* ]]
}

@test "eval: a record that is refused is named, and the others are written" {
	run -1 --separate-stderr aqi-model eval --stats ./model.json <<<$'pm25\nx\n50'
	is_output $'margin_0,out_0\n75.5,75.5'
	[ "${stderr_lines[0]}" = 'aqi-model:-:2:1: pm25: "x" is not a number' ]
	[ "${stderr_lines[1]}" = 'aqi-model: read 2 written 1 refused 1 unpredicted 0' ]
}

@test "eval: an output that is not finite is a word in CSV, and null in NDJSON" {
	sed 's/reg:squarederror/count:poisson/; s/"base_score":"0"/"base_score":"1"/
		s/75.5/89/' model.json >exp.json
	run -0 --separate-stderr aqi-model eval --stats ./exp.json <<<$'pm25\n50'
	is_output $'margin_0,out_0\n89,inf'
	is_stderr 'aqi-model: read 1 written 1 refused 0 unpredicted 1'
	run -0 aqi-model eval ./exp.json <<<'{"pm25":50}'
	is_output '{"margin_0":89,"out_0":null}'
}

@test "eval: inputs that nobody names, and the trees of a bundle by themselves" {
	sed 's/"feature_names":\["pm25"\]/"feature_names":[]/' model.json >bare.json
	run -0 aqi-model eval ./bare.json <<<$'anything\n50'
	is_output $'margin_0,out_0\n75.5,75.5'
	run -0 aqi-model eval --by-name ./bare.json <<<$'1,0\n0,50'
	is_output $'margin_0,out_0\n75.5,75.5'
	run -0 aqi-model eval "$ROOT/models/production/model.json" <<<"$HEADER"$'\n'"$GOOD"
	[ "${#lines[@]}" = 2 ]
}

@test "eval: without a model, or with one that is none" {
	run -2 --separate-stderr aqi-model eval
	is_stderr 'aqi-model: eval takes a model and then files; see aqi-model eval --help'
	run -2 --separate-stderr aqi-model eval ''
	is_stderr 'aqi-model: eval takes a name, and an empty one was given'
	run -3 --separate-stderr aqi-model eval ./nosuch.json
	is_stderr 'aqi-model:./nosuch.json: cannot open: No such file or directory'
}

@test "commands: the first word is one" {
	run -2 --separate-stderr aqi-model
	is_stderr 'aqi-model: a command comes first, such as eval; see --help'
	run -2 --separate-stderr aqi-model --errors=json eval
	is_stderr '{"program":"aqi-model","code":"usage","reason":"a command comes first, such as eval; see --help"}'
	run -2 --separate-stderr aqi-model predict
	is_stderr 'aqi-model: "predict" is no command; see --help'
	run -2 --separate-stderr aqi-model eval --nosuch
	is_stderr 'aqi-model: "--nosuch" is no option, or short for several; see --help'
	run -0 aqi-model eval --usage
	[[ $output = 'Usage: aqi-model eval '* ]]
}

# --- L4: the numbers of the original libraries

# check_case FOLDER MODEL RULE...: eval and --leaf against what is expected. A model
# that is not read is named in $unread.
check_case() {
	local folder=$1 model=$2
	shift 2
	if ! aqi-model eval "$folder/$model" "$folder/input.csv" >got 2>err; then
		cat err
		unread+=" ${folder#"$AQI_CORPORA/"}/$model"
		return 0
	fi
	"$ROOT/tests/data/same.py" "$@" "$folder/expected.csv" got || {
		echo "$folder/$model: other numbers"
		return 1
	}
	[ -e "$folder/expected_leaf.csv" ] || return 0
	aqi-model eval --leaf "$folder/$model" "$folder/input.csv" >got
	cmp "$folder/expected_leaf.csv" got
}

@test "eval: margins and leaves are those of XGBoost, to the last bit" {
	need_folder AQI_CORPORA
	unread=
	for folder in "$AQI_CORPORA"/models-xgboost-oracle/*/*/; do
		# Sums that are not of leaves in order, and functions that two
		# libraries of mathematics may round each in its way: as the
		# README of the folder has it.
		ulps=0
		case $folder in
		*/gblinear*|*/categorical*) ulps=2 ;;
		esac
		check_case "${folder%/}" model.json margin_=$ulps out_=4
	done
	[ -z "$unread" ] || skip "not read:$unread"
}
