#!/usr/bin/env bats
# Every stated limit, one below it, at it, and one above. The list of them is
# in aqi(7); the limits of trees that no file reaches are in test_forest.

bats_require_minimum_version 1.5.0

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR"
}

READERS=(aqi-validate aqi-category aqi-features aqi-predict)

# A program at its work on one column and any others.
tool() {
	local name=$1
	shift
	case $name in
	aqi-category) set -- --column pm25 "$@" ;;
	aqi-validate) set -- --schema observed "$@" ;;
	esac
	"$name" --allow-absent "$@"
}

# A text of n letters, without a process for each.
letters() {
	local pad
	printf -v pad '%*s' "$1" ''
	printf '%s' "${pad// /x}"
}

# A file: what stands before, so many blanks, what stands behind.
padded() {
	local behind=${3:-}
	printf '%s%*s%s' "$2" $(($1 - ${#2} - ${#behind})) '' "$behind"
}

@test "a record of 1 MiB is read, and a longer one refused" {
	letters 1048576 >letters
	for n in 1048575 1048576 1048577; do
		{ printf 'pm25,text\n1,'; head -c $((n - 2)) letters
			printf '\n2,x\n'; } >in.csv
		{ printf '{"pm25":1,"text":"'; head -c $((n - 20)) letters
			printf '"}\n{"pm25":2}\n'; } >in.ndjson
		line=2
		for f in csv ndjson; do
			for t in "${READERS[@]}"; do
				status=0
				tool "$t" --stats in.$f >out 2>err ||
					status=$?
				[ "$status" = $((n > 1048576)) ] ||
					{ echo "$t $n"; cat err; false; }
				[ "$status" = 0 ] || [ "$(head -n 1 err)" = "$t:in.$f:$line:1: the record is longer than 1048576 bytes (--max-record); does a quote never close?" ] || {
					cat err
					false
				}
				[[ $(tail -n 1 err) = *"read 2 written $((2 - status)) refused $status"* ]]
			done
			line=1
		done
	done
}

@test "a header has the limit of a record" {
	letters 1048576 >letters
	for n in 1048575 1048576 1048577; do
		{ printf 'pm25,'; head -c $((n - 5)) letters
			printf '\n1,2\n'; } >in.csv
		for t in aqi-validate aqi-category aqi-predict; do
			status=0
			tool "$t" in.csv >out 2>err || status=$?
			[ "$status" = $((n > 1048576)) ]
			[ "$status" = 0 ] || {
				[ "$(cat err)" = "$t:in.csv:1:1: the record is longer than 1048576 bytes (--max-record); does a quote never close?" ]
				[ ! -s out ]
			}
		done
	done
}

@test "--max-record takes 1 to 1 GiB" {
	printf '1\n' >in
	run -0 aqi-category --no-header --columns pm25 --column pm25 --max-record 1 in
	run -0 aqi-category --no-header --columns pm25 --column pm25 --max-record 1073741823 in
	run -0 aqi-category --no-header --columns pm25 --column pm25 --max-record 1073741824 in
	for n in 0 1073741825; do
		run -2 --separate-stderr aqi-category --max-record $n in
		is_stderr "aqi-category: --max-record takes a whole number from 1 to 1073741824, not \"$n\""
	done
}

@test "4,096 columns and keys are read by each program, 4,097 by none" {
	for n in 4095 4096 4097; do
		{ printf pm25,; seq -s, -f c%g 2 $n; seq -s, $n; } >in.csv
		printf '{"pm25":1,%s}\n' "$(seq -s, -f '"c%g":1' 2 $n)" \
			>in.ndjson
		for t in "${READERS[@]}"; do
			for f in csv ndjson; do
				word=columns
				[ $f = csv ] || word=keys
				status=0
				tool "$t" in.$f >out 2>err || status=$?
				if [ $n -le 4096 ]; then
					[ "$status" = 0 ]
					[ ! -s err ]
				else
					[ "$status" = 5 ]
					[ ! -s out ]
					[ "$(cat err)" = "$t:in.$f:1: 4097 $word; the limit is 4096" ]
				fi
			done
		done
	done
}

@test "and by a later record of NDJSON, which is refused alone" {
	for n in 4095 4096 4097; do
		printf '{"pm25":1}\n{"pm25":1,%s}\n{"pm25":2}\n' \
			"$(seq -s, -f '"c%g":1' 2 $n)" >in.ndjson
		for t in "${READERS[@]}"; do
			status=0
			tool "$t" --stats --rejects bad -O ndjson in.ndjson \
				>out 2>err || status=$?
			[ "$status" = $((n > 4096)) ]
			[[ $(tail -n 1 err) = *"read 3 written $((3 - status)) refused $status"* ]]
			[ "$status" = 0 ] || {
				[ "$(head -n 1 err)" = "$t:in.ndjson:2:1: 4097 keys; the limit is 4096" ]
				[[ "$(cat bad)" = '{"record":"{\"pm25\":1,\"c2\":1,'* ]]
			}
		done
	done
}

@test "lists of --columns and --na have 4,096 names" {
	printf '{"pm25":1}\n' >in
	for n in 4095 4096 4097; do
		for o in --columns --na; do
			status=0
			aqi-category --column pm25 --allow-absent $o \
				"$(seq -s, -f n%g $n)" in >out 2>err ||
				status=$?
			if [ $n -le 4096 ]; then
				[ "$status" = 0 ]
				[ ! -s err ]
			else
				[ "$status" = 2 ]
				[ "$(cat err)" = "aqi-category: $o has 4097 names; the limit is 4096" ]
			fi
		done
	done
}

@test "JSON is nested 64 deep, the record itself included" {
	for n in 63 64 65; do
		open=$(printf '[%.0s' $(seq $((n - 1))))
		close=${open//[/]}
		printf '{"pm25":1,"x":%s%s}\n' "$open" "$close" >in
		for t in "${READERS[@]}"; do
			status=0
			tool "$t" in >out 2>err || status=$?
			[ "$status" = $((n > 64)) ]
			[ "$n" = 65 ] || continue
			[ "$(cat err)" = "$t:in:1:78: JSON nested more than 64 deep" ] ||
				{ cat err; false; }
		done
	done
}

@test "schemas, mappings and manifests are nested 64 deep too" {
	for n in 63 64 65; do
		open=$(printf '[%.0s' $(seq $((n - 1))))
		printf '{"examples":%s%s,"properties":{"pm25":{"type":"number"}}}' \
			"$open" "${open//[/]}" >schema.json
		status=0
		aqi-validate --schema ./schema.json <<<$'pm25\n1' >out 2>err ||
			status=$?
		if [ "$n" -le 64 ]; then
			[ "$status" = 0 ]
		else
			[ "$status" = 3 ]
			[ "$(cat err)" = 'aqi-validate:./schema.json:1:76: JSON nested more than 64 deep' ]
		fi
	done
}

@test "of a kind of error 20 are shown" {
	for n in 19 20 21; do
		{ echo pm25; yes x | head -n $n; } >in
		for t in "${READERS[@]}"; do
			[ $t != aqi-features ] || continue
			status=0
			tool "$t" in >out 2>err || status=$?
			[ "$status" = 1 ]
			[ "$(grep -c 'is not a number$' err)" = $((n < 20 ? n : 20)) ]
			[ $n = 21 ] || continue
			[ "$(tail -n 1 err)" = "$t: 1 more errors of kind type are not shown" ]
		done
	done
}

@test "--max-errors stops at that record, not one before or behind" {
	{ echo pm25; yes x | head -n 20; } >in
	for n in 19 20 21; do
		for t in aqi-validate aqi-category aqi-predict; do
			status=0
			tool "$t" --stats --max-errors $n in >out 2>err || status=$?
			[ "$status" = 1 ]
			most=$((n < 20 ? n : 20))
			[[ $(tail -n 1 err) = *"read $most written 0 refused $most"* ]]
			# The count is looked at, 0 too, where grep fails.
			stopped=$(grep -c "stopped at refused record $n (--max-errors)" err) || :
			[ "$stopped" = $((n <= 20)) ]
		done
	done
}

@test "--allow-refused is sharp, as a count and as a share" {
	{ echo pm25; yes x | head -n 10; yes 1 | head -n 10; } >in
	for t in aqi-validate aqi-category aqi-predict; do
		for n in 9 10 11; do
			for unit in '' %; do
				allowed=$n
				[ -z "$unit" ] || allowed=$((n * 5))
				status=0
				tool "$t" --allow-refused $allowed$unit in \
					>out 2>err || status=$?
				[ "$status" = $((n < 10)) ]
			done
		done
	done
	run -2 aqi-validate --allow-refused 101% in
	run -0 aqi-validate --schema none.json --allow-refused 100% --help
}

@test "a value is shown up to 40 bytes" {
	for n in 39 40 41; do
		{ echo pm25; letters $n; echo; } >in
		run -1 --separate-stderr aqi-category --column pm25 in
		if [ $n -le 40 ]; then
			is_stderr "aqi-category:in:2:1: pm25: \"$(letters $n)\" is not a number"
		else
			is_stderr "aqi-category:in:2:1: pm25: \"$(letters 40)...\" is not a number"
		fi
	done
}

@test "a schema is a file of 1 MiB, a mapping too" {
	mapping=$(aqi-features --print-source beijing-prsa 2>/dev/null) ||
		mapping=$(cat "$ROOT/models/sources/beijing-prsa.json")
	for n in 1048575 1048576 1048577; do
		padded $n '{"properties":{"pm25":{"type":"number"}}}' >schema.json
		status=0
		aqi-validate --schema ./schema.json <<<$'pm25\n1' >out 2>err ||
			status=$?
		padded $n "$mapping" >mapping.json
		features=0
		aqi-features --from ./mapping.json "$ROOT/examples/stations.csv" \
			>out 2>err2 || features=$?
		if [ $n -le 1048576 ]; then
			[ "$status" = 0 ]
			[ "$features" -le 1 ]
		else
			[ "$status" = 3 ]
			[ "$(cat err)" = 'aqi-validate:./schema.json: larger than the limit of 1048576 bytes' ]
			[ "$features" = 3 ]
			[ "$(cat err2)" = 'aqi-features:./mapping.json: larger than the limit of 1048576 bytes' ]
		fi
	done
}

@test "a schema that comes by a pipe has the same limit" {
	for n in 1048575 1048576 1048577; do
		padded $n '{"properties":{"pm25":{"type":"number"}}}' >schema.json
		mkfifo pipe.json
		cat schema.json >pipe.json &
		status=0
		aqi-validate --schema ./pipe.json <<<$'pm25\n1' >out 2>err ||
			status=$?
		# What is too long is not read to the end: SIGPIPE.
		wait $! || :
		rm pipe.json
		if [ $n -le 1048576 ]; then
			[ "$status" = 0 ]
		else
			[ "$status" = 3 ]
			[ "$(cat err)" = 'aqi-validate:./pipe.json: larger than the limit of 1048576 bytes' ]
		fi
	done
}

@test "a schema has up to 832 properties" {
	for n in 831 832 833; do
		printf '{"properties":{%s}}' \
			"$(seq -s, -f '"p%g":{"type":"number"}' $n)" >schema.json
		status=0
		aqi-validate --schema ./schema.json --allow-absent <<<$'p1\n1' \
			>out 2>err || status=$?
		if [ $n -le 832 ]; then
			[ "$status" = 0 ]
		else
			[ "$status" = 3 ]
			[ "$(cat err)" = 'aqi-validate:./schema.json: 833 properties are too many; the limit is 832' ]
		fi
	done
}

# A bundle of one leaf over so many inputs, in the folder `bundle`.
make_bundle() {
	mkdir -p bundle
	cat >bundle/model.json <<-END
	{"learner":{"attributes":{},"feature_names":[],"feature_types":[],
	"gradient_booster":{"model":{"gbtree_model_param":
	{"num_parallel_tree":"1","num_trees":"1","size_leaf_vector":"0"},
	"tree_info":[0],"trees":[{"default_left":[0],"id":0,
	"left_children":[-1],"loss_changes":[0],"right_children":[-1],
	"split_conditions":[7.5],"split_indices":[0],"split_type":[0],
	"tree_param":{"num_deleted":"0","num_feature":"$1","num_nodes":"1",
	"size_leaf_vector":"0"}}]},"name":"gbtree"},"learner_model_param":
	{"base_score":"0","boost_from_average":"1","num_class":"0",
	"num_feature":"$1","num_target":"1"},"objective":
	{"name":"reg:squarederror","reg_loss_param":{"scale_pos_weight":"1"}}},
	"version":[1,7,4]}
	END
	{
		printf '{"name":"bundle","version":"1","standard":"us-epa",'
		printf '"revision":"2024","target":"aqi","missing":"allow",'
		printf '"lead_time_hours":{"from":1,"to":%s},' "${2:-24}"
		printf '"trees":{"file":"model.json","format":"xgboost-json"},'
		printf '"inputs":[%s]}' \
			"$(seq -s, -f '{"name":"i%g","unit":"1"}' "$1")"
	} >bundle/manifest.json
}

@test "a bundle names up to 4,096 inputs" {
	for n in 4095 4096 4097; do
		make_bundle $n
		status=0
		aqi-predict -m ./bundle --allow-absent <<<$'i1\n1' >out 2>err ||
			status=$?
		if [ $n -le 4096 ]; then
			[ "$status" = 0 ] || { cat err; false; }
			[[ $(tail -n 1 out) = 1,7.50,* ]]
		else
			[ "$status" = 3 ]
			[ "$(cat err)" = 'aqi-predict:./bundle: manifest.json: inputs: not an array of 1 to 4096 inputs' ] ||
				{ cat err; false; }
		fi
	done
}

@test "a forecast is for up to 8,784 hours ahead" {
	for n in 8783 8784 8785; do
		make_bundle 1 $n
		status=0
		aqi-predict -m ./bundle <<<$'i1\n1' >out 2>err || status=$?
		if [ $n -le 8784 ]; then
			[ "$status" = 0 ] || { cat err; false; }
		else
			[ "$status" = 3 ]
			[ "$(cat err)" = 'aqi-predict:./bundle: manifest.json: to: not a whole number from 0 to 8784' ]
		fi
	done
}

@test "a manifest is a file of 512 KiB" {
	make_bundle 1
	manifest=$(cat bundle/manifest.json)
	for n in 524287 524288 524289; do
		padded $n "$manifest" >bundle/manifest.json
		status=0
		aqi-predict -m ./bundle <<<$'i1\n1' >out 2>err || status=$?
		if [ $n -le 524288 ]; then
			[ "$status" = 0 ] || { cat err; false; }
		else
			[ "$status" = 3 ]
			[ "$(cat err)" = 'aqi-predict:./bundle: manifest.json: larger than the limit of 524288 bytes' ]
		fi
	done
}

@test "a file of trees above 1 GiB is refused before it is read" {
	make_bundle 1
	truncate -s 1073741825 bundle/model.json
	(
		case $BUILD in *sanitize*) ;; *) ulimit -v 262144 ;; esac
		run -3 --separate-stderr aqi-predict -m ./bundle <<<$'i1\n1'
		is_stderr 'aqi-predict:./bundle: model.json: larger than the limit of 1073741824 bytes'
	)
}

@test "a model that names its inputs has up to 65,535" {
	for n in 65534 65535 65536; do
		make_bundle 1
		sed -i "s/\"num_feature\":\"1\"/\"num_feature\":\"$n\"/" bundle/model.json
		mv bundle/model.json bare.json
		status=0
		aqi-predict -m ./bare.json --inputs a <<<$'a\n1' >out 2>err ||
			status=$?
		if [ $n -le 65535 ]; then
			[ "$status" = 2 ]
			[ "$(cat err)" = "aqi-predict:./bare.json: --inputs has 1 names, the model $n inputs" ] ||
				{ cat err; false; }
		else
			[ "$status" = 3 ]
			[ "$(cat err)" = 'aqi-predict:./bare.json: 65536 inputs; 1 to 65535 are supported' ] ||
				{ cat err; false; }
		fi
	done
}

@test "numbers are written with up to 17 decimals" {
	printf 'i1\n1\n' >in
	make_bundle 1
	for n in 16 17; do
		aqi-predict -m ./bundle --decimals $n in >out
		[[ $(tail -n 1 out) = "1,7.5$(printf '0%.0s' $(seq $((n - 1)))),"* ]]
	done
	run -2 --separate-stderr aqi-predict -m ./bundle --decimals 18 in
	is_stderr 'aqi-predict: --decimals takes a whole number from 0 to 17, not "18"'
}

@test "realistic records are of up to 9,999 stations" {
	for n in 9998 9999; do
		run -0 aqi-loadgen --profile realistic --stations $n -n 1
	done
	run -2 --separate-stderr aqi-loadgen --profile realistic --stations 10000 -n 1
	is_stderr 'aqi-loadgen: --stations takes a whole number from 1 to 9999, not "10000"'
}

@test "an offset of time is up to 14 hours" {
	for offset in 13:59 14:00 14:01; do
		for sign in + -; do
			status=0
			aqi-loadgen --profile realistic -n 1 \
				--start "2024-01-01T00:00$sign$offset" \
				>out 2>err || status=$?
			if [ $offset != 14:01 ]; then
				[ "$status" = 0 ]
			else
				[ "$status" = 2 ]
				[ "$(cat err)" = "aqi-loadgen: --start takes a time such as 2024-01-01T00:00+00:00, not \"2024-01-01T00:00${sign}14:01\"" ]
			fi
		done
	done
}

# A mapping whose pm25 is in so many columns, and whose gas reference is so.
make_mapping() {
	cat >mapping.json <<-END
	{"name":"m","time":{"column":"t","stamp":"begin"},
	"gas_reference_c":$2,"fields":{"pm25":{"unit":"ug/m3",
	"columns":[$(seq -s, -f '"c%g"' "$1")]}}}
	END
}

@test "a field of a mapping may stand in up to 8 columns" {
	printf 't,c1\n2024-01-01T00:00,5\n' >in
	for n in 7 8 9; do
		make_mapping $n 25
		status=0
		aqi-features --from ./mapping.json in >out 2>err || status=$?
		if [ $n -le 8 ]; then
			[ "$status" = 0 ] || { cat err; false; }
		else
			[ "$status" = 3 ]
			[ "$(cat err)" = 'aqi-features:./mapping.json: fields.pm25: up to 8 columns are wanted here' ]
		fi
	done
}

@test "the gas reference of a mapping may have up to 4 periods" {
	printf 't,c1\n2024-01-01T00:00,5\n' >in
	for n in 3 4 5; do
		periods=$(seq -s, -f '{"before":"200%g-01-01","c":0}' \
			$((n - 1)))
		make_mapping 1 "[$periods,{\"c\":25}]"
		status=0
		aqi-features --from ./mapping.json in >out 2>err || status=$?
		if [ $n -le 4 ]; then
			[ "$status" = 0 ] || { cat err; false; }
		else
			[ "$status" = 3 ]
			[ "$(cat err)" = 'aqi-features:./mapping.json: gas_reference_c: a temperature in C is wanted here, or up to 4 of them with dates' ]
		fi
	done
}

@test "a body of --body is a file of 64 MiB" {
	for n in 67108864 67108865; do
		truncate -s $n body
		status=0
		aqi-loadgen -n 1 --method POST --body @body \
			--target http://127.0.0.1:1/ >out 2>err || status=$?
		[ "$status" -gt 0 ]
		wanted='aqi-loadgen:body: larger than the limit of 67108864 bytes'
		if [ $n = 67108864 ]; then
			[ "$(cat err)" != "$wanted" ]
		else
			[ "$status" = 4 ]
			[ "$(cat err)" = "$wanted" ]
		fi
	done
}

@test "a body has up to 128 gaps" {
	for n in 127 128 129; do
		status=0
		aqi-loadgen -n 1 --method POST \
			--body "[$(seq -s, -f '{{g%g}}' $n)]" \
			--target http://127.0.0.1:1/ >out 2>err || status=$?
		wanted='aqi-loadgen: a body has at most 128 gaps'
		if [ $n -le 128 ]; then
			[ "$(cat err)" != "$wanted" ]
		else
			[ "$status" = 2 ]
			[ "$(cat err)" = "$wanted" ] || { cat err; false; }
		fi
	done
}

@test "the manual has each limit in its list" {
	sed -n '/^.Sh LIMITS/,/^.El/p' "$ROOT/man/aqi.7" >limits
	for n in 1048576 1073741824 4096 64 20 40 832 524288 8784 65535 \
		1000000 268435456 131072 17 14 9999 8 4 8192 32768 100 8388608 10000 \
		4300 1000 107 16 10000000 2419200 67108864 16777216 128; do
		grep -q " Ta $n\$" limits || { echo $n; false; }
	done
}

# A limit that is new in the sources must get a test, or a word why not. Of
# those not tried here, test_address, test_auth, test_document, test_duration,
# test_explain, test_forest_builder, test_histogram, test_http, test_lax,
# test_lightgbm, test_nodes, test_onnx, test_openapi, test_planes,
# test_recording and test_schedule try each at its edge, and jobs.bats that of
# -j. AQI_FAULT_MAX, AQI_GUESSES_MAX and AQI_KEYS_MAX are sizes of tables that
# are compiled in; at AQI_EXTENT_SIZE_LIMIT, of half a GiB, a record is read in
# another way, with the same result.
@test "every limit of the sources is known here" {
	known='AQI_ADDRESS_MAX
		AQI_CLI_MAX_JOBS
		AQI_DOCUMENT_DEPTH
		AQI_DURATION_MAX_NS
		AQI_EXPLAIN_DEPTH
		AQI_EXTENT_SIZE_LIMIT
		AQI_FAULT_MAX
		AQI_FOREST_MAX_INPUTS
		AQI_FOREST_MAX_MARGINS
		AQI_FOREST_MAX_NODES
		AQI_FOREST_MAX_TREES
		AQI_GUESSES_MAX
		AQI_HISTOGRAM_MAX_NS
		AQI_HTTP_LIMITS
		AQI_JSON_DEPTH
		AQI_KEYS_MAX
		AQI_LIGHTGBM_MAX_LEAVES
		AQI_MAX_COLUMNS
		AQI_MAX_RECORD
		AQI_MAX_REFERENCES
		AQI_MAX_SOURCES
		AQI_ONNX_MAX_STEPS
		AQI_ONNX_MAX_VALUES
		AQI_NODES_DEPTH
		AQI_PERFECT_DEPTH
		AQI_REPORT_LIMIT
		AQI_SCAN_DEPTH
		AQI_SYNTH_MAX_STATIONS
		BODY_LIMIT
		DEPTH
		LIMIT
		MAX_FIELDS
		MAX_FILE
		MAX_GAPS
		MAX_MANIFEST
		MAX_NAME
		MAX_OFFSET
		MAX_RATE
		MAX_SCHEMA
		MAX_TREES'
	grep -rhoE '#define +[A-Z_]*(MAX|LIMIT|DEPTH)[A-Z_]*\b' "$ROOT"/{lib,cmd} |
		awk '{ print $2 }' | sort -u >found
	printf '%s\n' $known | sort >known
	diff known found
}
