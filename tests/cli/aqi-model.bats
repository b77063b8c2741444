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
	sed 's/"feature_names":\["pm25"\]/"feature_names":[]/' model.json >none.json
	run -2 --separate-stderr aqi-model eval ./none.json <<<$'id,pm25\na,50'
	is_output ''
	is_stderr 'aqi-model:-:1: 2 columns, but the model has 1 inputs, which it does not name: choose columns for them with --columns'
	run -0 aqi-model eval --columns pm25 ./none.json <<<$'id,pm25\na,50'
	chosen=$output
	run -0 aqi-model eval ./none.json <<<$'pm25\n50'
	is_output "$chosen"
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
	run -0 aqi-model eval --by-name ./bare.json <<<$'f1,f0\n0,50'
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
	is_stderr 'aqi-model: a command comes first, such as info; see --help'
	run -2 --separate-stderr aqi-model --errors=json eval
	is_stderr '{"program":"aqi-model","code":"usage","reason":"a command comes first, such as info; see --help"}'
	run -2 --separate-stderr aqi-model predict
	is_stderr 'aqi-model: "predict" is no command; see --help'
	run -2 --separate-stderr aqi-model eval --nosuch
	is_stderr 'aqi-model: "--nosuch" is no option, or short for several; see --help'
	run -0 aqi-model eval --usage
	[[ $output = 'Usage: aqi-model eval '* ]]
}

@test "eval: any number of threads, any way, and any size of chunks give the same" {
	aqi-loadgen -n 5000 --seed 9 -o in.csv
	for options in '' --leaf --keep; do
		aqi-model eval production -j 1 $options in.csv >wanted
		for more in '-j 2' '-j 5' '--engine scalar' '--engine walk' '--engine planes'; do
			aqi-model eval production $options $more in.csv | cmp - wanted
		done
		{ head -n 3 in.csv; sed -n '4,$p' in.csv; } |
			aqi-model eval production $options | cmp - wanted
	done
	run -2 --separate-stderr aqi-model eval production --engine steam in.csv
	[[ $stderr = 'aqi-model:production: "steam" is no engine; these are: scalar, '* ]]
	run -2 --separate-stderr aqi-model eval production --engine= in.csv
	is_stderr 'aqi-model: --engine takes a name, and an empty one was given'
}

# --- info

@test "info: text for people" {
	run -0 --separate-stderr aqi-model info ./model.json
	[ "${lines[0]}" = 'model       model, ./model.json' ]
	for line in 'format      xgboost-json*' \
		'outputs     1, of 1 sum in 32 bits; link: identity' \
		'sum         0 from 0' 'inputs      1; they may be missing' \
		'trees       1, of depth 1 or less' 'splits      1, 1 distinct' \
		'leaves      2' 'confidence  not calibrated: 0.85 where 0 <= aqi <= 500, else 0.60, as the prediction API has it' \
		'engine      1 row: *' '            64 rows: *' \
		'            1024 rows: *' 'memory      * bytes, and *' \
		'checksum    ????????????????' 'pm25 *1 100.00%*'
	do
		[[ $'\n'$output$'\n' = *$'\n'$line$'\n'* ]] ||
			{ echo "$line"; echo "$output"; false; }
	done
	is_stderr ''
}

@test "info: the bundle that is built in, and several models" {
	run -0 aqi-model info
	in=$output
	[[ $output = 'model       production, version '*', built in'* ]]
	[[ $output = *'inputs      13; they may be missing, but for 8'* ]]
	run -0 aqi-model info production
	is_output "$in"
	run -0 aqi-model info production ./model.json
	[[ $output = "$in"$'\n\nmodel       model, ./model.json\n'* ]]
	AQI_MODEL=./model.json run -0 aqi-model info
	[[ $output = 'model       model, ./model.json'* ]]
}

@test "info --json: an object a model, with the same keys in all" {
	command -v jq >/dev/null || skip "jq is not installed"
	aqi-model info --json production ./model.json "$ROOT/models/production" >out
	[ "$(wc -l <out)" = 3 ]
	[ "$(jq -c keys_unsorted out | sort -u | wc -l)" = 1 ]
	run -0 jq -rc '[.name, .path, .trees, .outputs, .bits, .has_names, .min_inputs]' out
	[ "${lines[1]}" = '["model","./model.json",1,1,32,true,0]' ]
	# What nobody says is null.
	run -0 jq -c '[.version, .licence, .lead_from_hours, .lead_to_hours]' out
	[ "${lines[0]}" = '["1","CC BY 4.0",1,24]' ]
	[ "${lines[1]}" = '[null,null,null,null]' ]
	[ "$(jq -c '[.trees, .splits, .distinct_splits, .bases, .checksum]' out |
		sed -n '1p; 3p' | sort -u | wc -l)" = 1 ]
	# Shares are of one, and the greatest comes first.
	jq -es '.[0].inputs | (map(.splits_share) | add | . > 0.999 and . < 1.001) and
		(map(.name) | length == 13)' out
}

@test "info: what the library's own sums are" {
	command -v jq >/dev/null || skip "jq is not installed"
	# Of the file, by other means than ours.
	python3 - "$ROOT/models/production/model.json" >wanted <<-'END'
	import collections, json, sys
	learner = json.load(open(sys.argv[1]))["learner"]
	n = collections.Counter()
	for tree in learner["gradient_booster"]["model"]["trees"]:
	    for left, i in zip(tree["left_children"], tree["split_indices"]):
	        n[i] += left != -1
	for i, name in enumerate(learner["feature_names"]):
	    print(name, n[i])
	END
	aqi-model info --json "$ROOT/models/production/model.json" |
		jq -r '.inputs | sort_by(.place)[] | "\(.name) \(.splits)"' >got
	diff wanted got
}

@test "info: names cannot drive a terminal" {
	sed 's/"feature_names":\["pm25"\]/"feature_names":["p\\u001b[31m\\u202e"]/' \
		model.json >odd.json
	aqi-model info ./odd.json >out
	run -1 grep -q $'\033' out
	grep -qF 'p\x1b[31m\xe2\x80\xae' out
	aqi-model info --json ./odd.json >out
	run -1 grep -q $'\033' out
	aqi-model dump ./odd.json >out
	run -1 grep -q $'\033' out
}

@test "info: of a compiled bundle what is said of the bundle" {
	command -v jq >/dev/null || skip "jq is not installed"
	cp -R "$ROOT/models/production" town
	sed -i 's/"name": "production",/"name": "town", "calibration": {},/' town/manifest.json
	aqi-model compile ./town -o town.aqi
	about='del(.path, .layout_bytes)'
	diff <(aqi-model info --json ./town | jq "$about") \
		<(aqi-model info --json ./town.aqi | jq "$about")
	run -0 aqi-model info ./town.aqi
	[[ $output = *$'\nconfidence  calibrated, but the table is not used yet: 0.85 where '* ]]
	diff <(aqi-model dump ./town) <(aqi-model dump ./town.aqi)
}

# --- dump

@test "dump: a node a line" {
	run -0 --separate-stderr aqi-model dump ./model.json
	[[ ${lines[0]} = 'tree 0 node 0: pm25 < 30.5 ? leaf 1 : leaf 2, missing: leaf 1'* ]]
	[[ ${lines[1]} = 'tree 0   leaf 1: 25.25'* ]]
	[[ ${lines[2]} = 'tree 0   leaf 2: 75.5'* ]]
	[ "${#lines[@]}" = 3 ]
	is_stderr ''
}

@test "dump --json: an object a node" {
	command -v jq >/dev/null || skip "jq is not installed"
	aqi-model dump --json ./model.json >out
	run -0 jq -c '[.tree, .sum, .id, .depth, .input, .below, .left, .right, .missing, .value]' out
	is_output '[0,0,"node 0",0,"pm25",30.5,"leaf 1","leaf 2","leaf 1",null]
[0,0,"leaf 1",1,null,null,null,null,null,25.25]
[0,0,"leaf 2",1,null,null,null,null,null,75.5]'
}

@test "dump --json: what it says is enough to evaluate the model" {
	aqi-model dump --json >dump
	aqi-loadgen -n 50 --seed 3 -o in.csv
	aqi-model eval production in.csv >wanted
	python3 - >got <<-'END'
	import csv, json, struct
	f = lambda x: struct.unpack("f", struct.pack("f", x))[0]
	nodes, roots = {}, []
	for line in open("dump"):
	    node = json.loads(line)
	    nodes[node["tree"], node["id"]] = node
	    if node["depth"] == 0:
	        roots.append((node["tree"], node["id"]))
	import subprocess
	base = json.loads(subprocess.run(["aqi-model", "info", "--json"],
	    capture_output=True).stdout)["bases"][0]
	print("margin_0")
	for row in csv.DictReader(open("in.csv")):
	    total = f(base)
	    for at in roots:
	        while "value" not in nodes[at]:
	            node = nodes[at]
	            x = row[node["input"]]
	            side = "missing" if x == "" else \
	                "left" if f(float(x)) < f(node["below"]) else "right"
	            at = node["tree"], node[side]
	        total = f(total + f(nodes[at]["value"]))
	    print(total)
	END
	cut -d, -f 1 wanted >margins
	"$ROOT/tests/data/same.py" margin_=0 margins got
}

@test "dump: one model, and to a file" {
	run -2 --separate-stderr aqi-model dump ./model.json production
	is_stderr 'aqi-model: dump takes one model'
	aqi-model dump ./model.json >wanted
	run -0 aqi-model dump -o out ./model.json
	is_output ''
	cmp wanted out
	run -4 --separate-stderr aqi-model dump -o nosuch/out ./model.json
	is_stderr 'aqi-model:nosuch/out: cannot open for writing: No such file or directory'
}

@test "dump, info and check: every write error is reported" {
	for command in dump info 'check -v'; do
		status=0
		aqi-model $command production >/dev/full 2>err || status=$?
		[ "$status" = 4 ]
		[ "$(<err)" = 'aqi-model:standard output: cannot write: No space left on device' ]
		status=0
		aqi-model $command production >&- 2>err || status=$?
		[ "$status" = 4 ]
		[ "$(<err)" = 'aqi-model:standard output: cannot write: Bad file descriptor' ]
	done
	for command in 'dump --json' 'info --json'; do
		status=0
		aqi-model $command -o /dev/full production 2>err || status=$?
		[ "$status" = 4 ]
	done
	run -0 --separate-stderr bash -c 'set -o pipefail; aqi-model dump | head -n 1; [ ${PIPESTATUS[0]} = 141 ]'
	is_stderr ''
}

# --- check

@test "check: quiet when all is well, and one line with -v" {
	run -0 --separate-stderr aqi-model check ./model.json production
	is_output ''
	is_stderr ''
	run -0 --separate-stderr aqi-model check
	is_output ''
	run -0 aqi-model check -v ./model.json
	[[ $output = './model.json: ok: 1 tree; the same bits by scalar,'* ]]
}

@test "check: each fault is a line, and the status is 3" {
	echo '{}' >bad.json
	sed 's/"left_children":\[1/"left_children":[9/' model.json >worse.json
	run -3 --separate-stderr aqi-model check -v ./bad.json ./model.json ./worse.json ./nosuch.json
	[[ $output = './model.json: ok: '* ]]
	[ "${#lines[@]}" = 1 ]
	[ "${#stderr_lines[@]}" = 3 ]
	[[ ${stderr_lines[0]} = 'aqi-model:./bad.json: '* ]]
	[[ ${stderr_lines[1]} = 'aqi-model:./worse.json: tree 0 node 0: '* ]]
	[ "${stderr_lines[2]}" = 'aqi-model:./nosuch.json: cannot open: No such file or directory' ]
	run -3 --separate-stderr aqi-model check --errors=json ./bad.json
	[[ $stderr = '{"program":"aqi-model","file":"./bad.json","code":"model",'* ]]
}

@test "check: the trees of a bundle are those of its checksum" {
	cp -R "$ROOT/models/production" town
	run -0 aqi-model check -v ./town
	[[ $output = *'; sha256 as in the manifest' ]]
	sum=$(sha256sum <town/model.json)
	sum=${sum%% *}
	echo >>town/model.json
	new=$(sha256sum <town/model.json)
	run -3 --separate-stderr aqi-model check ./town
	is_stderr "aqi-model:./town: model.json: the sha256 is ${new%% *}, but $sum in the manifest"
	sed -i "s/$sum/$(tr a-f A-F <<<"${new%% *}")/" town/manifest.json
	run -0 aqi-model check ./town
}

@test "all programs refuse trees that are not those of the checksum" {
	cp -R "$ROOT/models/production" town
	sum=$(sha256sum <town/model.json)
	sum=${sum%% *}
	sed -i "s/$sum/${sum%?}x/; s/\(${sum%?}\)x/\10/" town/manifest.json
	wrong=${sum%?}0
	[ "$wrong" != "$sum" ]
	why="./town: model.json: the sha256 is $sum, but $wrong in the manifest"
	aqi-loadgen -n 2 >in.csv
	for command in 'info -o out' check 'dump -o out' 'compile -o out' \
		'prune --trees 1 -o out' 'quantize --cuts 9 -o out'; do
		run -3 --separate-stderr aqi-model $command ./town
		is_stderr "aqi-model:$why"
		[ ! -e out ]
	done
	run -3 --separate-stderr aqi-model eval ./town in.csv
	is_stderr "aqi-model:$why"
	run -3 --separate-stderr aqi-predict -m ./town in.csv
	is_stderr "aqi-predict:$why"
	is_output ''
	run -3 --separate-stderr timeout 10 aqi-serve -m ./town --listen 127.0.0.1:0
	is_stderr "aqi-serve:$why"
}

@test "check: trees of another format than the manifest says are refused" {
	cp -R "$ROOT/models/production" town
	sed -i 's/"xgboost-json"/"onnx"/' town/manifest.json
	run -3 --separate-stderr aqi-model check ./town
	is_stderr 'aqi-model:./town: model.json: the format is xgboost-json, but onnx in the manifest'
	sed -i 's/"onnx"/"pickle"/' town/manifest.json
	run -3 --separate-stderr aqi-model check ./town
	is_stderr 'aqi-model:./town: manifest.json: trees: format is none of xgboost-json, xgboost-ubjson, lightgbm-text and onnx'
}

# --- bundles of trees of other libraries

# bundle FOLDER FILE FORMAT INPUT...
bundle() {
	local folder=$1 file=$2 format=$3 inputs
	shift 3
	mkdir "$folder"
	cp "$file" "$folder/trees"
	inputs=$(printf '{"name":"%s"},' "$@")
	cat >"$folder/manifest.json" <<-END
	{"name":"$folder","trees":{"file":"trees","format":"$format",
	"sha256":"$(sha256sum <"$file" | cut -c 1-64)"},
	"inputs":[${inputs%,}],"missing":"allow"}
	END
}

@test "bundles: trees of each format predict as they do by themselves" {
	printf 'hour,o3=x,pm25,station,o3\n7,20,30.5,3,40\n8,,1,1,\n,1,,,9\n' >in.csv
	seeds=$ROOT/tests/fuzz/seeds
	bundle ubj "$seeds/ubjson/two-trees.ubj" xgboost-ubjson pm25 o3 hour
	bundle lgb "$seeds/lightgbm/regression.txt" lightgbm-text pm25 o3=x station
	for name in ubj lgb; do
		run -0 aqi-model check ./$name
		aqi-predict -m ./$name --exact in.csv >a
		aqi-predict -m "$seeds/$(case $name in
			ubj) echo ubjson/two-trees.ubj ;;
			lgb) echo lightgbm/regression.txt ;; esac)" \
			--exact in.csv >b
		cmp a b
		aqi-model eval --by-name ./$name in.csv | cut -d, -f 2 >c
		cut -d, -f 6 a | sed 1d | cmp - <(sed 1d c)
	done
	sed -i 's/lightgbm-text/xgboost-json/' lgb/manifest.json
	run -3 --separate-stderr aqi-predict -m ./lgb in.csv
	is_output ''
	is_stderr 'aqi-predict:./lgb: trees: the format is lightgbm-text, but xgboost-json in the manifest'
}

@test "bundles: several outputs are for eval, not for predict" {
	printf 'pm25,o3=x,station\n30.5,20,3\n' >in.csv
	bundle two "$ROOT/tests/fuzz/seeds/lightgbm/classes.txt" lightgbm-text pm25 o3=x station
	run -3 --separate-stderr aqi-predict -m ./two in.csv
	is_stderr 'aqi-predict:./two: 2 outputs; a prediction is one: see aqi-model eval for all of them'
	run -0 aqi-model eval ./two in.csv
	[ "${lines[0]}" = raw_0,raw_1,out_0,out_1 ]
	[ "${#lines[@]}" = 2 ]
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
		# Functions that two libraries of mathematics may round each
		# in its way.
		check_case "${folder%/}" model.json margin_=0 out_=4
	done
	[ -z "$unread" ]
}

@test "eval: UBJSON is the same model as JSON" {
	need_folder AQI_CORPORA
	command -v jq >/dev/null || skip "jq is not installed"
	unread=
	for folder in "$AQI_CORPORA"/models-xgboost-oracle/*/*/; do
		folder=${folder%/}
		if ! aqi-model info --json "$folder/model.ubj" >b 2>err; then
			unread+=" ${folder#"$AQI_CORPORA/"}/model.ubj"
			continue
		fi
		aqi-model info --json "$folder/model.json" >a
		diff <(jq .checksum a) <(jq .checksum b)
		jq -e '.format == "xgboost-ubjson"' b
		aqi-model eval "$folder/model.json" "$folder/input.csv" >a
		aqi-model eval "$folder/model.ubj" "$folder/input.csv" >b
		cmp a b
	done
	[ -z "$unread" ]
}

@test "eval: raw scores and leaves are those of LightGBM, to the last bit" {
	need_folder AQI_CORPORA
	unread=
	for folder in "$AQI_CORPORA"/models-lightgbm-oracle/*/; do
		bits=0d
		case $folder in
		*/linear_tree*) bits=1e-12 ;;
		esac
		check_case "${folder%/}" model.txt raw_=$bits out_=1e-12
	done
	[ -z "$unread" ]
}

# Within one unit of the last place for each tree that is added.
@test "eval: outputs are those of ONNX Runtime" {
	need_folder AQI_CORPORA
	command -v jq >/dev/null || skip "jq is not installed"
	unread=
	for folder in "$AQI_CORPORA"/models-onnx/tree/*/; do
		ulps=$(aqi-model info --json "$folder/model.onnx" 2>/dev/null |
			jq '[.trees, 1] | max')
		check_case "${folder%/}" model.onnx label== variable_="$ulps" \
			probabilities_="$ulps"
	done
	# Not all operators are trees; what is refused, is by name.
	for file in $unread; do
		run -3 --separate-stderr aqi-model check "$AQI_CORPORA/$file"
		[[ $stderr = *'operator "'*'" of domain "'*'", version '*' is not supported' ]]
	done
	[ "$(wc -w <<<"$unread")" -le 2 ]
}

# --- L1: what is refused

@test "check: each malformed model is refused with status 3, each good one is not" {
	need_folder AQI_CORPORA
	n=0 unread=
	while IFS=$'\t' read -r file _ verdict _; do
		[ -e "$AQI_CORPORA/models-malformed/$file" ] || continue
		status=0
		aqi-model check "$AQI_CORPORA/models-malformed/$file" \
			>out 2>err || status=$?
		n=$((n + 1))
		[ ! -s out ]
		case $verdict,$status in
		refuse,3) [ "$(wc -l <err)" = 1 ] ;;
		accept,0|either,0|either,3) ;;
		accept,3) unread+=" $file" ;;
		*) echo "$file: $verdict, but status $status: $(<err)"; false ;;
		esac
	done <"$AQI_CORPORA/models-malformed/EXPECTED.tsv"
	[ "$n" -ge 110 ]
	[ -z "$unread" ]
}
