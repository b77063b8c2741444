#!/usr/bin/env bats
# What stands around a program changes nothing: locale, zone, terminal and
# variables (S11), and standard descriptors that are closed (S3).

bats_require_minimum_version 1.5.0

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR"
}

TOOLS=(aqi-validate aqi-category aqi-features aqi-predict aqi-model aqi-loadgen)

make_inputs() {
	aqi-loadgen -n 60 --seed 5 --invalid 40% >in.csv
	aqi-loadgen -n 60 --seed 5 --invalid 40% -O ndjson >in.ndjson
	tr ',.' ';,' <in.csv >comma.csv
	printf 'PM25,İndex,IŞIK,ı\n1.5,"a\n\303\251",2,\n,x,1,3\n' >odd.csv
	cp "$ROOT/examples/stations.csv" .
}

# Output, messages and status of many commands, in the folder $1; what stands
# behind it is put before each command.
show_all() {
	local folder=$1 n=0 status
	shift
	mkdir "$folder"
	while IFS= read -r line; do
		set -f
		local command=($line)
		set +f
		n=$((n + 1)) status=0
		"$@" "$BUILD/${command[0]}" "${command[@]:1}" \
			>"$folder/$n.out" 2>"$folder/$n.err" </dev/null ||
			status=$?
		echo "$status" >>"$folder/$n.err"
	done <<-'END'
	aqi-validate in.csv
	aqi-validate in.ndjson --stats
	aqi-validate -O ndjson in.csv --flag
	aqi-validate -O csv in.ndjson --allow-absent --schema observed
	aqi-validate --summary in.csv
	aqi-validate --summary=json in.ndjson
	aqi-validate --errors json in.csv
	aqi-validate -d ; --decimal-comma comma.csv
	aqi-validate --allow-absent odd.csv
	aqi-validate --print-schema
	aqi-category --column pm25 in.csv
	aqi-category --column pm25 in.ndjson --color --advice
	aqi-category --column PM25 -O ndjson --infer odd.csv
	aqi-category --column pm25 -d ; --decimal-comma comma.csv
	aqi-category --column pm25 --ansi always in.csv
	aqi-features --from beijing-prsa stations.csv
	aqi-features --from beijing-prsa stations.csv -O ndjson --exact
	aqi-features in.csv
	aqi-features in.ndjson
	aqi-features --list-sources
	aqi-model eval production in.csv
	aqi-model eval production --by-name --keep in.ndjson
	aqi-model eval production --leaf --stats in.csv
	aqi-model info --json
	aqi-model dump
	aqi-model check -v
	aqi-predict in.csv
	aqi-predict --exact in.ndjson
	aqi-predict -d ; --decimal-comma comma.csv --stats
	aqi-predict --schema api in.csv -O ndjson
	aqi-predict --decimals 5 in.ndjson -O csv
	aqi-loadgen -n 50
	aqi-loadgen -n 50 -O ndjson --invalid 0.5 --label
	aqi-loadgen -n 50 --profile realistic
	aqi-loadgen -n 50 --profile realistic --start 2024-03-31T00:30+05:30
	aqi-loadgen --invalid 1,5
	aqi-loadgen --invalid 2
	aqi-validate --nosuch
	aqi-category --help
	aqi-predict --usage
	aqi-validate --version
	aqi-validate nosuch
	END
	[ "$n" -ge 30 ]
}

same_as_plain() {
	diff -r plain "$1" && rm -r "$1"
}

@test "locale, zone, terminal and variables change no byte" {
	make_inputs
	mkdir locales
	for name in de_DE tr_TR hi_IN; do
		# Its warnings are a status; the folder tells.
		localedef -i $name -f UTF-8 "$PWD/locales/$name.UTF-8" \
			>/dev/null 2>&1 || :
		[ -d locales/$name.UTF-8 ] || skip "no locale $name can be made"
	done
	show_all plain env LC_ALL=C
	# Some did work, and some did not.
	[ "$(tail -qn 1 plain/*.err | sort -u | paste -sd ' ')" = '0 1 2 4' ]
	for name in de_DE tr_TR hi_IN; do
		show_all other env LOCPATH="$PWD/locales" LC_ALL=$name.UTF-8 \
			LANG=$name.UTF-8 LANGUAGE=${name%_*}
		same_as_plain other
	done
	for zone in Asia/Kolkata :Australia/Lord_Howe 'X+03:30Y' nonsense; do
		show_all other env TZ=$zone
		same_as_plain other
	done
	for terminal in dumb '' xterm-256color; do
		show_all other env TERM=$terminal COLUMNS=20 LINES=5
		same_as_plain other
	done
	show_all other env POSIXLY_CORRECT=1 ARGP_HELP_FMT=rmargin=40 \
		MALLOC_PERTURB_=165 NO_COLOR=1
	# NO_COLOR does not speak against --ansi always.
	same_as_plain other
	show_all other env -i
	same_as_plain other
}

@test "no program takes over the locale" {
	command -v nm >/dev/null || skip "nm is not installed"
	for t in "${TOOLS[@]}"; do
		nm -D --undefined-only "$BUILD/$t" >imports
		grep -qw write imports
		[ "$(grep -cwE 'setlocale|tzset|mktime|localtime(_r)?' imports)" = 0 ]
	done
}

# A program with its files, -o and, of aqi-validate, --rejects.
with_files() {
	local name=$1
	shift
	case $name in
	aqi-validate) set -- -o out --rejects bad in.csv "$@" ;;
	aqi-category) set -- --column pm25 -o out in.csv "$@" ;;
	aqi-loadgen) set -- -n 60 -o out "$@" ;;
	aqi-model) set -- eval production -o out in.csv "$@" ;;
	*) set -- -o out in.csv "$@" ;;
	esac
	"$BUILD/$name" "$@"
}

CLOSED=('<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-')

@test "with any standard descriptors closed the files are the same" {
	make_inputs
	for t in "${TOOLS[@]}"; do
		rm -f out bad
		wanted=0
		with_files "$t" --stats 2>err || wanted=$?
		[ -s out ]
		cp out wanted.out
		[ "$t" != aqi-validate ] || cp bad wanted.bad
		sum=$(cksum in.csv)
		for way in "${CLOSED[@]}"; do
			rm -f out bad
			status=0
			eval "with_files $t --stats $way" 2>err2 || status=$?
			[ "$status" = "$wanted" ] ||
				{ echo "$t $way: $status"; false; }
			cmp wanted.out out
			[ "$t" != aqi-validate ] || cmp wanted.bad bad
			[ "$(cksum in.csv)" = "$sum" ]
			case $way in
			*2*) ;;
			*) cmp err err2 ;;
			esac
		done
	done
}

@test "a closed standard output is told where records go there" {
	make_inputs
	for t in "${TOOLS[@]}"; do
		args=(in.csv)
		[ "$t" != aqi-loadgen ] || args=(-n 60)
		[ "$t" != aqi-category ] || args+=(--column pm25)
		[ "$t" != aqi-model ] || args=(eval production in.csv)
		for way in '>&-' '<&- >&-' '>&- 2>&-' '<&- >&- 2>&-'; do
			status=0
			: >err
			eval '"$BUILD/$t" "${args[@]}" 2>err '"$way" ||
				status=$?
			[ "$status" = 4 ]
			case $way in
			*2*) [ ! -s err ] ;;
			*) grep -qxF "$t:standard output: cannot write: Bad file descriptor" err ;;
			esac
		done
	done
}

@test "no file is opened as a standard descriptor" {
	make_inputs
	cat >look.py <<-'END'
	import os, subprocess, sys
	# The program waits for its input, or for room in its output: there it
	# holds all of its files.
	program, closed, *arguments = sys.argv[1:]
	fifo = "fifo"
	if not os.path.exists(fifo):
	    os.mkfifo(fifo)
	def close():
	    for fd in closed:
	        os.close(int(fd))
	is_input = not program.endswith("loadgen")
	p = subprocess.Popen([program, *arguments], preexec_fn=close)
	end = os.open(fifo, os.O_WRONLY if is_input else os.O_RDONLY)
	if is_input:
	    os.write(end, b"pm25\n1\n")
	else:
	    os.read(end, 1)
	for fd in closed:
	    target = os.readlink(f"/proc/{p.pid}/fd/{fd}")
	    if target != "/dev/null":
	        sys.exit(f"{program}: {fd} is {target}")
	while not is_input and os.read(end, 65536):
	    pass
	os.close(end)
	sys.exit(0 if p.wait() in (0, 1, 2) else p.returncode)
	END
	for t in "${TOOLS[@]}"; do
		case $t in
		aqi-loadgen) args=(-n 20000 -o fifo) ;;
		aqi-validate) args=(-o out --rejects bad --allow-absent fifo) ;;
		aqi-category) args=(-o out --column pm25 fifo) ;;
		aqi-model) args=(eval production -o out --by-name --allow-absent fifo) ;;
		*) args=(-o out --allow-absent fifo) ;;
		esac
		for closed in 0 1 2 01 02 12 012; do
			python3 look.py "$BUILD/$t" $closed "${args[@]}" \
				2>/dev/null || { echo "$t $closed"; false; }
		done
	done
}
