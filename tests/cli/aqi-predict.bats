load helper

# Two trees by hand. All numbers are sums of powers of two, so that the sums
# below are exact: base 64; tree 0 asks pm25 < 50, tree 1 asks humidity < 32.5
# and, to the right, pm25 < 100.25. Missing pm25 goes right in tree 0 and left
# in tree 1; missing humidity goes left.
#   pm25 < 50: +8, else +40.5; humidity < 32.5: -4, else pm25 < 100.25: +1,
#   else +200
make_model() {
	cat <<-'END'
	{"version": [1, 7, 4], "learner": {
	 "attributes": {}, "feature_names": ["pm25", "humidity"],
	 "feature_types": ["float", "float"],
	 "learner_model_param": {"base_score": "6.4E1", "boost_from_average": "1",
	  "num_class": "0", "num_feature": "2", "num_target": "1"},
	 "objective": {"name": "reg:squarederror", "reg_loss_param": {"scale_pos_weight": "1"}},
	 "gradient_booster": {"name": "gbtree", "model": {
	  "gbtree_model_param": {"num_parallel_tree": "1", "num_trees": "2", "size_leaf_vector": "0"},
	  "tree_info": [0, 0],
	  "trees": [
	   {"id": 0, "base_weights": [0, 0, 0], "categories": [], "categories_nodes": [],
	    "categories_segments": [], "categories_sizes": [],
	    "default_left": [0, 0, 0], "left_children": [1, -1, -1],
	    "right_children": [2, -1, -1], "parents": [2147483647, 0, 0],
	    "loss_changes": [1, 0, 0], "sum_hessian": [2, 1, 1],
	    "split_conditions": [50, 8, 40.5], "split_indices": [0, 0, 0],
	    "split_type": [0, 0, 0],
	    "tree_param": {"num_deleted": "0", "num_feature": "2", "num_nodes": "3", "size_leaf_vector": "0"}},
	   {"id": 1, "base_weights": [0, 0, 0, 0, 0], "categories": [], "categories_nodes": [],
	    "categories_segments": [], "categories_sizes": [],
	    "default_left": [1, 0, 1, 0, 0], "left_children": [1, -1, 3, -1, -1],
	    "right_children": [2, -1, 4, -1, -1], "parents": [2147483647, 0, 0, 2, 2],
	    "loss_changes": [1, 0, 1, 0, 0], "sum_hessian": [2, 1, 1, 1, 1],
	    "split_conditions": [32.5, -4, 100.25, 1, 200], "split_indices": [1, 0, 0, 0, 0],
	    "split_type": [0, 0, 0, 0, 0],
	    "tree_param": {"num_deleted": "0", "num_feature": "2", "num_nodes": "5", "size_leaf_vector": "0"}}
	  ]}}}}
	END
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	make_model >model.json
}

# A folder with a manifest whose words can be changed: bundle NAME SED.
bundle() {
	mkdir -p "$1"
	cp model.json "$1/trees.json"
	sed "${2:-}" >"$1/manifest.json" <<-'END'
	{"name": "two", "version": "1", "standard": "us-epa",
	 "trees": {"file": "trees.json", "format": "xgboost-json"},
	 "output_transform": "none",
	 "inputs": [{"name": "pm25", "unit": "ug/m3"}, {"name": "humidity", "unit": "%"}],
	 "missing": "allow", "min_inputs": 1}
	END
}

@test "index, category and confidence are appended" {
	run -0 aqi-predict -m ./model.json <<<$'site,humidity,pm25\na,32.4,49.9\nb,32.5,50\nc,90,100.25'
	is_output 'site,humidity,pm25,aqi,category,confidence
a,32.4,49.9,68.00,Moderate,0.85
b,32.5,50,105.50,Unhealthy for Sensitive Groups,0.85
c,90,100.25,304.50,Hazardous,0.85'
}

@test "a missing value goes where the tree says" {
	run -0 aqi-predict -m ./model.json <<<$'humidity,pm25\n,\nNA,1\n99,'
	is_output 'humidity,pm25,aqi,category,confidence
,,100.50,Unhealthy for Sensitive Groups,0.85
NA,1,68.00,Moderate,0.85
99,,105.50,Unhealthy for Sensitive Groups,0.85'
}

@test "values are compared as 32-bit floats, as XGBoost does" {
	# 49.99999999 is nearer to 50 than to any other float.
	run -0 aqi-predict -m ./model.json <<<$'humidity,pm25\n0,49.99999999\n0,49.99999'
	is_output 'humidity,pm25,aqi,category,confidence
0,49.99999999,100.50,Unhealthy for Sensitive Groups,0.85
0,49.99999,68.00,Moderate,0.85'
}

@test "NDJSON in, NDJSON out, with what nobody knows in its place" {
	run -0 aqi-predict -m ./model.json <<<'{"id": "7", "pm25": 1, "x": [1, {"y": 2}], "humidity": 50}
{"humidity": null}'
	is_output '{"id": "7", "pm25": 1, "x": [1, {"y": 2}], "humidity": 50,"aqi":73.00,"category":"Moderate","confidence":0.85}
{"humidity": null,"aqi":100.50,"category":"Unhealthy for Sensitive Groups","confidence":0.85}'
}

@test "a prediction that stands already is replaced in place, or kept" {
	run -0 aqi-predict -m ./model.json <<<$'aqi,pm25,humidity\n9,1,1'
	is_output $'aqi,pm25,humidity,category,confidence\n68.00,1,1,Moderate,0.85'
	run -0 aqi-predict --keep-old -m ./model.json <<<$'aqi,pm25,humidity\n9,1,1'
	is_output $'aqi_in,pm25,humidity,aqi,category,confidence\n9,1,1,68.00,Moderate,0.85'
}

@test "--decimals and --exact" {
	run -0 aqi-predict -m ./model.json --decimals 0 <<<$'pm25,humidity\n50,50'
	is_output $'pm25,humidity,aqi,category,confidence\n50,50,106,Unhealthy for Sensitive Groups,0.85'
	run -0 aqi-predict -m ./model.json --exact <<<$'pm25,humidity\n50,50'
	is_output $'pm25,humidity,aqi,category,confidence\n50,50,105.5,Unhealthy for Sensitive Groups,0.85'
}

@test "a record with too few inputs is kept and counted" {
	bundle two
	run -0 --separate-stderr aqi-predict --stats -m ./two <<<$'pm25,humidity\n,\n1,'
	is_output $'pm25,humidity,aqi,category,confidence\n,,,,\n1,,68.00,Moderate,0.85'
	is_stderr 'aqi-predict: read 2 written 2 refused 0 unpredicted 1'
	run -0 aqi-predict -m ./two <<<'{"pm25":null,"humidity":null}'
	is_output '{"pm25":null,"humidity":null,"aqi":null,"category":null,"confidence":null}'
}

@test "missing: refuse refuses" {
	bundle strict 's/"allow"/"refuse"/'
	run -1 --separate-stderr aqi-predict -m ./strict <<<$'pm25,humidity\n1,\n1,1'
	is_output $'pm25,humidity,aqi,category,confidence\n1,1,68.00,Moderate,0.85'
	[[ "$stderr" == 'aqi-predict:-:2:3: humidity: missing'* ]]
}

@test "output_transform square: the margin squared" {
	bundle square 's/"none"/"square"/'
	run -0 aqi-predict -m ./square <<<$'pm25,humidity\n1,1'
	is_output $'pm25,humidity,aqi,category,confidence\n1,1,4624.00,Hazardous,0.60'
}

@test "--list-models lists what a name finds, and where, each once" {
	bundle two
	mkdir -p models/production home/aqi/models/two 'models/no name' models/none
	cp two/* models/production
	cp two/* home/aqi/models/two
	cp two/* 'models/no name'
	export XDG_DATA_HOME=$PWD/home
	run -0 --separate-stderr aqi-predict --list-models
	is_output "two	$PWD/home/aqi/models/two
production	built in"
	AQI_MODELS_DIR=models run -0 aqi-predict --list-models
	is_output "production	models/production
two	$PWD/home/aqi/models/two"
	run -0 aqi-predict -m two <<<$'pm25,humidity\n1,1'
	mkdir $'a\nb\tc'
	mv models/production $'a\nb\tc'
	AQI_MODELS_DIR=$'a\nb\tc' run -0 aqi-predict --list-models -o list
	[ "$(head -n 1 list)" = 'production	a?b?c/production' ]
	run -4 --separate-stderr aqi-predict --list-models -o none/list
	is_stderr 'aqi-predict:none/list: cannot open for writing: No such file or directory'
}

@test "text in a number refuses the record; a range is no matter here" {
	run -1 --separate-stderr aqi-predict -m ./model.json <<<$'pm25,humidity\nhigh,1\n957,1'
	is_output $'pm25,humidity,aqi,category,confidence\n957,1,100.50,Unhealthy for Sensitive Groups,0.85'
	is_stderr 'aqi-predict:-:2:1: pm25: "high" is not a number'
}

@test "--schema adds the ranges of a schema" {
	run -1 --separate-stderr aqi-predict --schema api --allow-absent -m ./model.json <<<$'pm25,humidity\n957,1'
	[[ "$stderr" == 'aqi-predict:-:2:1: pm25: "957" is outside 0..500 ug/m3'* ]]
}

@test "an input column that is not there ends the run before any output" {
	run -2 --separate-stderr aqi-predict -m ./model.json <<<$'PM2.5,humidity\n1,1'
	is_output ''
	is_stderr 'aqi-predict:-:1: pm25: no such column, and "PM2.5" looks like it: rename it, or convert the file with aqi-features --from SOURCE'
	run -2 --separate-stderr aqi-predict -m ./model.json <<<$'site,humidity\n1,1'
	is_output ''
	is_stderr 'aqi-predict:-:1: pm25: no such column; needed are pm25,humidity (--allow-absent treats it as missing)'
	run -0 aqi-predict --allow-absent -m ./model.json <<<$'site,humidity\n1,1'
	is_output $'site,humidity,aqi,category,confidence\n1,1,100.50,Unhealthy for Sensitive Groups,0.85'
}

@test "the names that are needed are told from one another, whatever is in them" {
	sed 's/\["pm25", "humidity"\]/["a\\u001bb", "\\u00fc"]/' model.json >odd.json
	run -2 --separate-stderr aqi-predict -m ./odd.json <<<$'site,humidity\n1,1'
	is_stderr 'aqi-predict:-:1: a\x1bb: no such column; needed are a\x1bb,\xc3\xbc (--allow-absent treats it as missing)'
	run -2 --separate-stderr aqi-predict --errors=json -m ./odd.json <<<$'site,humidity\n1,1'
	[[ "$stderr" == *$'needed are a\\u001bb,\xc3\xbc (--allow-absent '* ]]
}

@test "--allow-absent is no leave to read a file without any input column" {
	run -2 --separate-stderr aqi-predict --allow-absent -m ./model.json <<<$'site,load\n1,1'
	is_output ''
	is_stderr 'aqi-predict:-:1: not one of the columns is there: pm25,humidity'
	run -2 --separate-stderr aqi-predict --allow-absent -m ./model.json <<<$'pm25;humidity\n1;1'
	is_stderr "aqi-predict:-:1: no such column; the header is one column with ';' in it: try -d ';'"
	run -0 aqi-predict --allow-absent -m ./model.json <<<$'{"site":1}\n{"pm25":1,"humidity":1}'
	[ "${#lines[@]}" = 2 ]
}

@test "a bare tree file without names asks for them" {
	sed 's/"feature_names": \[[^]]*\]/"feature_names": []/' model.json >bare.json
	run -2 --separate-stderr aqi-predict -m ./bare.json <<<$'a,b\n1,1'
	[[ "$stderr" == *'--inputs'* ]]
	run -0 aqi-predict -m ./bare.json --inputs b,a <<<$'a,b\n1,60'
	is_output $'a,b,aqi,category,confidence\n1,60,100.50,Unhealthy for Sensitive Groups,0.85'
}

@test "a model is found by option, then by AQI_MODEL, then by MODEL_PATH" {
	bundle square 's/"none"/"square"/'
	run -0 env AQI_MODEL=./square MODEL_PATH=./model.json aqi-predict <<<$'pm25,humidity\n1,1'
	[[ "$output" == *4624.00* ]]
	run -0 env MODEL_PATH=./model.json aqi-predict <<<$'pm25,humidity\n1,1'
	[[ "$output" == *68.00* ]]
	run -0 env AQI_MODEL=./square aqi-predict -m ./model.json <<<$'pm25,humidity\n1,1'
	[[ "$output" == *68.00* ]]
}

@test "a bare name is looked up in the models' folders, never in the current one" {
	mkdir -p folder data/aqi/models
	bundle two
	run -3 aqi-predict -m two <<<$'pm25,humidity\n1,1'
	[[ "$output" == 'aqi-predict:two: '* ]]
	bundle folder/two
	run -0 env AQI_MODELS_DIR=folder aqi-predict -m two <<<$'pm25,humidity\n1,1'
	# Without a name nothing is looked up.
	mkdir -p broken/production
	echo '{}' >broken/production/manifest.json
	AQI_MODELS_DIR=broken run -3 aqi-predict -m production <<<$'pm25\n1'
	AQI_MODELS_DIR=broken run -0 aqi-predict --allow-absent <<<$'pm25\n1'
	bundle data/aqi/models/two
	run -0 env XDG_DATA_HOME="$PWD/data" aqi-predict -m two <<<$'pm25,humidity\n1,1'
}

@test "a file that is no model is refused with status 3 by what it is" {
	printf 'binf\0\0\0\0' >old.model
	run -3 aqi-predict -m ./old.model <<<$'a\n1'
	[[ "$output" == 'aqi-predict:./old.model: '*'XGBoost'* ]]
	echo 'pm25,humidity' >data.csv
	run -3 aqi-predict -m ./data.csv <<<$'a\n1'
	[[ "$output" == 'aqi-predict:./data.csv: '* ]]
	run -3 aqi-predict -m ./none.json <<<$'a\n1'
	is_output 'aqi-predict:./none.json: cannot open: No such file or directory'
	mkdir empty
	run -3 aqi-predict -m ./empty <<<$'a\n1'
	[[ "$output" == 'aqi-predict:./empty'* ]]
}

@test "the model of the build predicts the base record with no file at hand" {
	run -0 --separate-stderr aqi-predict --stats <<<"$HEADER"$'\n'"$GOOD"$'\n40,,,,,,5,40,2,1020,3,1,1\n40,,,,,,,40,2,1020,3,1,1'
	[ "${#lines[@]}" = 4 ]
	is_stderr 'aqi-predict: read 3 written 3 refused 0 unpredicted 1'
	[[ "${lines[1]}" =~ ,[0-9]+\.[0-9][0-9],(Good|Moderate|Unhealthy for Sensitive Groups|Unhealthy|Very Unhealthy|Hazardous),0\.85$ ]]
}

@test "the model of the build gives the predictions of the XGBoost library" {
	# Made by models/production/train.py golden: inputs, and aqi as the
	# library that trained the model predicts it, to the last bit.
	golden=$ROOT/tests/golden/production.csv
	aqi-predict --exact --keep-old "$golden" >out.csv
	run -0 awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["aqi"] "" != $at["expected"] "" { bad++; print }
		END { print NR - 1 " rows, " bad + 0 " differ" }' out.csv
	[[ "$output" =~ ^[0-9]+' rows, 0 differ'$ ]]
	[ "${output%% *}" -ge 50 ]
}

@test "the order of records does not decide which inputs the model gets" {
	bare='{"pm25":40,"temperature":5}'
	full='{"pm25":40,"pm10":90,"no2":30,"so2":5,"co":1,"o3":20,"temperature":5,"humidity":80,"wind_speed":1,"pressure":1020,"hour":8,"day_of_week":1,"month":12}'
	run -0 aqi-predict --allow-absent <<<"$bare"$'\n'"$full"
	one=${lines[0]} two=${lines[1]}
	run -0 aqi-predict --allow-absent <<<"$full"$'\n'"$bare"
	is_output "$two"$'\n'"$one"
	run -0 aqi-predict <<<"$full"
	is_output "$two"
}

@test "the trees of a bundle are not taken for a model by themselves" {
	bundle square 's/"none"/"square"/'
	run -3 aqi-predict -m square/trees.json <<<$'pm25,humidity\n1,1'
	is_output 'aqi-predict:square/trees.json: these are the trees of a bundle, whose manifest.json says how to use them; give the folder'
	run -0 aqi-predict -m square/trees.json --inputs pm25,humidity <<<$'pm25,humidity\n1,1'
	[[ "$output" == *68.00* ]]
}

@test "a model that is compiled in and in a folder too is listed once" {
	mkdir -p models/production models/mine
	echo '{}' | tee models/production/manifest.json >models/mine/manifest.json
	AQI_MODELS_DIR=$PWD/models run -3 --separate-stderr aqi-predict -m nope
	[[ "$stderr" == "aqi-predict:nope: no such model; there are: mine, production; looked in "* ]]
	mkdir nope
	AQI_MODELS_DIR=$PWD/models run -3 --separate-stderr aqi-predict -m nope
	[[ "$stderr" == "aqi-predict:nope: no such model; there are: mine, production; a path is written ./nope; looked in "* ]]
}

@test "--rejects has the refused records, as they came and with the reason" {
	make_model >model.json
	printf 'id,pm25\na,1\nb,x\nc,2,3\n' >in.csv
	run -1 --separate-stderr aqi-predict -m ./model.json --allow-absent --rejects bad --stats in.csv
	[ "${#lines[@]}" = 2 ]
	[[ "${lines[1]}" == a,1,* ]]
	[ "$(cat bad)" = 'id,pm25,reason
b,x,"pm25: ""x"" is not a number"
"c,2,3",,3 fields where the header has 2' ]
	[[ "${stderr_lines[-1]}" == 'aqi-predict: read 3 written 1 refused 2'* ]]
	run -1 --separate-stderr aqi-predict -m ./model.json --allow-absent --rejects bad -O ndjson in.csv
	[ "$(cat bad)" = '{"id":"b","pm25":"x","reason":"pm25: \"x\" is not a number"}
{"record":"c,2,3","reason":"3 fields where the header has 2"}' ]
}

# The same trees with the numbers of samples that each node had in training.
make_counted() {
	sed 's/"sum_hessian": \[2, 1, 1\]/"sum_hessian": [8, 6, 2]/
	     s/"sum_hessian": \[2, 1, 1, 1, 1\]/"sum_hessian": [8, 2, 6, 5, 1]/' \
		model.json >counted.json
}

# Golden: Booster.predict(..., pred_contribs=True) of XGBoost 1.7.4 for these
# trees, whose floats are ours but for the last digit.
@test "contributions are XGBoost's" {
	make_counted
	run -0 aqi-predict -m ./counted.json --explain 2 --exact <<<$'pm25,humidity\n49.9,32.4\n50,32.5\n100.25,90\n,99\n,'
	is_output 'pm25,humidity,aqi,category,confidence,explain_base,explain_1,explain_1_value,explain_2,explain_2_value,explain_rest
49.9,32.4,68,Moderate,0.85,104.75,pm25,-20.5625,humidity,-16.1875,0
50,32.5,105.5,Unhealthy for Sensitive Groups,0.85,104.75,humidity,5.3958335,pm25,-4.6458335,0
100.25,90,304.5,Hazardous,0.85,104.75,pm25,169.47917,humidity,30.270834,0
,99,105.5,Unhealthy for Sensitive Groups,0.85,104.75,humidity,5.3958335,pm25,-4.6458335,0
,,100.5,Unhealthy for Sensitive Groups,0.85,104.75,humidity,-16.1875,pm25,11.9375,0'
}

@test "what is not named of an explanation is summed up" {
	make_counted
	run -0 aqi-predict -m ./counted.json --explain 1 <<<$'pm25,humidity\n50,32.5'
	is_output 'pm25,humidity,aqi,category,confidence,explain_base,explain_1,explain_1_value,explain_rest
50,32.5,105.50,Unhealthy for Sensitive Groups,0.85,104.75,humidity,5.40,-4.65'
}

# Half of a tree file is what training has left; aqi-model check looks at it.
@test "statistics are read only to explain" {
	sed 's/"sum_hessian": \[2, 1, 1\]/"sum_hessian": "odd"/' \
		model.json >odd.json
	run -0 aqi-predict -m ./odd.json <<<$'pm25,humidity\n50,32.5'
	is_output "$(aqi-predict -m ./model.json <<<$'pm25,humidity\n50,32.5')"
	run -3 --separate-stderr aqi-predict -m ./odd.json --explain 1 <<<a
	is_stderr 'aqi-predict:./odd.json: tree 0: sum_hessian: not an array'
	run -3 --separate-stderr aqi-model check ./odd.json
	is_stderr 'aqi-model:./odd.json: tree 0: sum_hessian: not an array'
}

@test "no more inputs are explained than there are" {
	make_counted
	run -0 aqi-predict -m ./counted.json --explain 1000 -O ndjson <<<$'pm25,humidity\n50,32.5'
	is_output '{"pm25":50,"humidity":32.5,"aqi":105.50,"category":"Unhealthy for Sensitive Groups","confidence":0.85,"explain_base":104.75,"explain_1":"humidity","explain_1_value":5.40,"explain_2":"pm25","explain_2_value":-4.65,"explain_rest":0.00}'
	run -2 --separate-stderr aqi-predict --explain 1001 <<<a
	is_stderr 'aqi-predict: --explain takes a whole number from 1 to 1000, not "1001"'
	run -2 --separate-stderr aqi-predict --explain 0 <<<a
	is_stderr 'aqi-predict: --explain takes a whole number from 1 to 1000, not "0"'
}

# The model that is built in asks neither the day nor the month.
@test "of inputs that contribute alike the model's first comes first" {
	run -0 aqi-predict --allow-absent --explain 13 --exact -O ndjson <<<'{"pm25":35.5,"pm10":50,"o3":45,"temperature":22,"humidity":65,"hour":14,"day_of_week":2,"month":6}'
	[[ $output == *'"explain_12":"day_of_week","explain_12_value":0,"explain_13":"month","explain_13_value":0,'* ]]
}

@test "records without a prediction have no explanation" {
	make_counted
	bundle two
	cp counted.json two/trees.json
	run -1 --separate-stderr aqi-predict -m ./two --explain 1 -O ndjson <<<$'pm25,humidity\n,\nx,1\n50,32.5'
	[ "${#lines[@]}" = 2 ]
	[[ ${lines[0]} == *'"explain_base":null,"explain_1":null,"explain_1_value":null,"explain_rest":null}' ]]
	[[ ${lines[1]} == *'"explain_base":104.75,"explain_1":"humidity",'* ]]
}

# Those of two stations; one row of theirs is refused.
make_records() {
	aqi-features --from beijing-prsa "$ROOT/examples/stations.csv" \
		>good.csv 2>log || grep -q 'is not a number' log
}

# Of the model that is built in, whose manifest squares the trees' sum.
@test "an explanation adds up to the prediction" {
	make_records
	run -0 aqi-predict --exact --explain 4 good.csv -O ndjson -o some.ndjson
	run -0 aqi-predict --exact --explain 13 good.csv -O ndjson -o all.ndjson
	run -0 python3 - <<-'END'
	import json
	n = 0
	for file, k in ("some.ndjson", 4), ("all.ndjson", 13):
	    for line in open(file):
	        row = json.loads(line)
	        if row["aqi"] is None:
	            continue
	        values = [row[f"explain_{i}_value"] for i in range(1, k + 1)]
	        names = [row[f"explain_{i}"] for i in range(1, k + 1)]
	        total = row["explain_base"] + sum(values) + row["explain_rest"]
	        assert abs(total ** 2 - row["aqi"]) < 1e-4 * row["aqi"], row
	        assert sorted(map(abs, values), reverse=True) == list(map(abs, values))
	        assert len(set(names)) == k
	        n += 1
	print(n)
	END
	((output > 40))
}

@test "a record is explained alone as among others" {
	make_records
	aqi-predict --exact --explain 3 good.csv >many
	{ head -n 1 good.csv; tail -n 1 good.csv; } |
		aqi-predict --exact --explain 3 >one
	[ "$(tail -n 1 many)" = "$(tail -n 1 one)" ]
}

@test "a model that does not count its samples is not explained" {
	sed 's/"sum_hessian": [^]]*\], *//; /"loss_changes"/s/"sum_hessian": [^]]*\],//' model.json >none.json
	run -3 --separate-stderr aqi-predict -m ./none.json --explain 1 <<<$'pm25,humidity\n1,1'
	is_output ''
	is_stderr 'aqi-predict:./none.json: the model does not say how many samples of its training each node had, which contributions need'
}
