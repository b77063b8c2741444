#!/usr/bin/env bats
# What is between a file's bytes and its text: compression, and encodings.

bats_require_minimum_version 1.5.0

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR"
	PRE=(AQI_TESTS=1)
}

READERS=(aqi-validate aqi-category aqi-features aqi-predict)

# The formats that this build reads and whose programs are here, and how a
# text is packed in each.
formats() {
	local libraries
	libraries=$(aqi-category --version)
	[[ $libraries != *zlib* ]] || echo gzip
	[[ $libraries != *liblzma* ]] || ! command -v xz || echo xz
	[[ $libraries != *libzstd* ]] || ! command -v zstd || echo zstd
}

need_formats() {
	FORMATS=$(formats | sed 's,.*/,,' | sort -u)
	[ -n "$FORMATS" ] || skip "this build reads no compressed input"
}

need() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
	[[ $(aqi-category --version) = *"$2"* ]] ||
		skip "this build is without $2"
}

pack() {
	case $1 in
	gzip) gzip -nc ;;
	xz) xz -c -T1 ;;
	zstd) zstd -qc ;;
	esac
}

is_sanitized() {
	case $BUILD in *sanitize*) return 0 ;; esac
	return 1
}

with_faults() {
	PRE=(LD_PRELOAD="$BUILD/fault.so"
	     ASAN_OPTIONS=verify_asan_link_order=0 "$@")
}

# Run aqi-category in PRE: $status, and the files out and err.
category() {
	status=0
	timeout 60 env "${PRE[@]}" aqi-category --stats "$@" >out 2>err ||
		status=$?
}

# read = written + refused, and out has a header, and a line for each written.
check_counts() {
	[[ $(tail -n 1 err) =~ read\ ([0-9]+)\ written\ ([0-9]+)\ refused\ ([0-9]+) ]]
	[ "${BASH_REMATCH[1]}" = $((BASH_REMATCH[2] + BASH_REMATCH[3])) ]
	[ ! -s out ] || [ "$(wc -l <out)" = $((BASH_REMATCH[2] + 1)) ]
	[ ! -s out ] || [ -z "$(tail -c 1 out)" ]
}

make_table() {
	awk -v n="$1" 'BEGIN {
		print "site,aqi"
		for (i = 0; i < n; i++)
			print "s" i "," (i * 7919 % 400) / 2
	}' >table.csv
}

@test "packed input is read as what is in it, from a file and a pipe" {
	need_formats
	aqi-loadgen -n 3000 --seed 3 --invalid 1% >a.csv
	for t in "${READERS[@]}"; do
		status=0
		$t --stats <a.csv >wanted 2>wanted.err || status=$?
		status=0
		$t --stats a.csv >wanted.file 2>wanted.file.err || status=$?
		for f in $FORMATS; do
			pack $f <a.csv >a.gz
			run -$status bash -c "$t --stats <a.gz >out 2>err"
			cmp wanted out
			cmp wanted.err err
			run -$status bash -c "cat a.gz | $t --stats >out 2>err"
			cmp wanted out
			cmp wanted.err err
			run -$status bash -c "$t --stats a.gz >out 2>err"
			cmp wanted.file out
			diff <(sed s/:a.csv:/:a.gz:/ wanted.file.err) err
		done
	done
}

@test "NDJSON is recognised behind compression" {
	need_formats
	for f in $FORMATS; do
		echo '{"aqi":42}' | pack $f >packed
		run -0 aqi-category packed
		is_output '{"aqi":42,"category":"Good"}'
	done
}

@test "packed parts that follow each other are one text" {
	need_formats
	for f in $FORMATS; do
		{ printf 'a' | pack $f; printf 'qi\n1' | pack $f
		  : | pack $f; printf '0\n20\n' | pack $f; } >packed
		run -0 aqi-category packed
		is_output 'aqi,category
10,Good
20,Good'
	done
}

@test "packed and plain files go together" {
	need_formats
	printf 'aqi\n1\n' >plain
	for f in $FORMATS; do
		printf 'aqi\n2\n' | pack $f >packed
		run -0 aqi-category plain packed plain
		is_output 'aqi,category
1,Good
2,Good
1,Good'
	done
}

@test "packed nothing lacks its header" {
	need_formats
	for f in $FORMATS; do
		: | pack $f >packed
		run -1 --separate-stderr aqi-category packed
		is_stderr 'aqi-category:packed: empty: not even a header line'
	done
}

@test "packed input in pieces, interrupted, and not there yet is the same" {
	need_formats
	make_table 2000
	sed -i '7s/,.*/,x/' table.csv
	category table.csv
	mv out wanted
	mv err wanted.err
	for f in $FORMATS; do
		pack $f <table.csv >packed
		for fault in FAULT_SIZE={1,2,7,4095,4097}' FAULT_SLOW=1' \
			FAULT_SIZE={1,50} \
			'FAULT_CALL=read FAULT_SIZE=50 FAULT_EVERY='{2,3,5}' FAULT_ERRNO='{EINTR,EAGAIN,SHORT}
		do
			with_faults $fault
			category <packed
			[ $status = 1 ] || { echo "$f $fault $status"; false; }
			cmp wanted out
			diff <(sed 's/:table.csv:/:-:/' wanted.err) err
		done
	done
}

@test "cut at each byte, it is said where, and no record is made up" {
	need_formats
	make_table 30
	category table.csv
	mv out wanted
	for f in $FORMATS; do
		pack $f <table.csv >packed
		size=$(stat -c %s packed)
		for ((n = 6; n < size; n++)); do
			head -c "$n" packed >cut
			category cut
			[ $status = 4 ] || { echo "$f $n: $status"; false; }
			grep -qxF "aqi-category:cut: the $f data ends too early, at byte $n of the file" err ||
				{ echo "$f $n"; cat err; false; }
			[ "$(grep -vc '^aqi-category: read ' err)" = 1 ]
			check_counts
			head -c "$(stat -c %s out)" wanted | cmp - out
		done
	done
}

@test "what came before a cut is done, all but the record in hand" {
	need_formats
	make_table 20000
	aqi-category table.csv >wanted
	for f in $FORMATS; do
		pack $f <table.csv >packed
		for part in 3 2; do
			n=$(($(stat -c %s packed) * (part - 1) / part))
			head -c "$n" packed >cut
			# What the format's own program makes of it.
			rows=$({ $f -dc <cut 2>/dev/null || :; } | wc -l)
			for PRE in AQI_TESTS=1 x; do
				[ "$PRE" != x ] ||
					with_faults FAULT_SIZE=700 FAULT_SLOW=1
				category <cut
				[ $status = 4 ]
				check_counts
				[ "$(wc -l <out)" -ge "$rows" ] ||
					{ echo "$f: $(wc -l <out) of $rows"; false; }
				head -n "$(wc -l <out)" wanted | cmp - out
			done
		done
	done
}

@test "a changed bit is found, and the same in pieces" {
	need_formats
	make_table 60
	category table.csv
	mv out wanted
	for f in $FORMATS; do
		pack $f <table.csv >packed
		size=$(stat -c %s packed)
		for ((n = 8; n < size; n += 11)); do
			byte=$(od -An -tu1 -j $n -N 1 packed)
			printf -v byte '\\%03o' $((byte ^ 16))
			{ head -c $n packed; printf "$byte"
			  tail -c +$((n + 2)) packed; } >changed
			PRE=(AQI_TESTS=1)
			category <changed
			[ $status -le 5 ]
			[ $status != 0 ] || cmp wanted out
			check_counts
			mv out first
			mv err first.err
			with_faults FAULT_SIZE=3 FAULT_SLOW=1
			category <changed
			cmp first out
			cmp first.err err
		done
	done
}

@test "damage is named by where the text stops" {
	need gzip zlib
	make_table 1000
	{ gzip -nc table.csv | head -c -8; printf '12345678'; } >bad.gz
	n=$(stat -c %s table.csv)
	category bad.gz
	[ $status = 4 ]
	[ "$(wc -l <out)" = 1001 ]
	[ "$(<err)" = "aqi-category:bad.gz: the gzip data is damaged: decoding stops at byte $n of its text
aqi-category: read 1000 written 1000 refused 0" ]
}

@test "what follows packed data is named by its byte" {
	need_formats
	for f in $FORMATS; do
		printf 'aqi\n1\n2' | pack $f >packed
		n=$(stat -c %s packed)
		echo more >>packed
		category <packed
		[ $status = 4 ]
		[ "$(<out)" = $'aqi,category\n1,Good' ]
		[ "$(<err)" = "aqi-category:-: something that is not $f follows the $f data at byte $n of the file
aqi-category: read 1 written 1 refused 0" ]
	done
}

@test "an error of reading packed data comes behind what could be read" {
	need gzip zlib
	{ printf 'aqi\n1\n2\n' | gzip -nc; printf '3\n' | gzip -nc; } >packed
	with_faults FAULT_CALL=read FAULT_FROM=2 FAULT_ERRNO=EIO FAULT_SIZE=30
	category <packed
	[ $status = 4 ]
	[ "$(<out)" = $'aqi,category\n1,Good\n2,Good' ]
	[ "$(<err)" = "aqi-category:-: cannot read: Input/output error
aqi-category: read 2 written 2 refused 0" ]
}

@test "a packed record is answered before the next has come" {
	need_formats
	for f in $FORMATS; do
		printf 'aqi\n' | pack $f >part.0
		for i in 1 2 3; do echo $i | pack $f >part.$i; done
		mkfifo in.$f out.$f
		timeout 60 aqi-category <in.$f >out.$f &
		program=$!
		exec 7>in.$f 8<out.$f
		cat part.0 part.1 >&7
		read -r -t 50 line <&8
		read -r -t 50 line <&8
		[ "$line" = 1,Good ]
		for i in 2 3; do
			# The middle of a part alone gives nothing to wait for.
			head -c 9 part.$i >&7
			tail -c +10 part.$i >&7
			read -r -t 50 line <&8
			[ "$line" = $i,Good ]
		done
		exec 7>&- 8<&-
		wait $program
	done
}

@test "gzip that is flushed is answered before its member ends" {
	need python3 zlib
	cat >flush.py <<-'END'
	import subprocess, zlib
	p = subprocess.Popen(['aqi-category'], stdin=subprocess.PIPE,
	                     stdout=subprocess.PIPE, bufsize=0)
	z = zlib.compressobj(wbits=31)
	def send(text, mode=zlib.Z_SYNC_FLUSH):
	    p.stdin.write(z.compress(text) + z.flush(mode))
	send(b'aqi\n')
	assert p.stdout.readline() == b'aqi,category\n'
	for i in range(20):
	    send(b'%d\n' % i)
	    assert p.stdout.readline() == b'%d,Good\n' % i
	send(b'', zlib.Z_FINISH)
	p.stdin.close()
	assert p.stdout.read() == b'' and p.wait() == 0
	END
	run -0 timeout 60 python3 flush.py
}

@test "a little that unpacks to much takes no memory" {
	need_formats
	is_sanitized && skip "a sanitizer takes memory of its own"
	for f in $FORMATS; do
		{ echo aqi; head -c 300M /dev/zero; echo; echo 5; } |
			pack $f >packed
		run -1 --separate-stderr bash -c 'ulimit -v 200000
			aqi-category --stats packed'
		is_output 'aqi,category
5,Good'
		is_stderr 'aqi-category:packed:2:1: the record is longer than 1048576 bytes (--max-record); does a quote never close?
aqi-category: read 2 written 1 refused 1'
	done
}

@test "what wants much memory to unpack is refused" {
	need zstd libzstd
	{ echo aqi; head -c 300M /dev/zero; } | zstd -q --long=31 >packed
	run -5 --separate-stderr aqi-category packed
	is_stderr 'aqi-category:packed: the zstd data needs more than 128 MiB to decode; unpack it first: zstdcat FILE | ...'
}

@test "what is packed in other ways is named, with what unpacks it" {
	printf 'BZh91AY&SY1234' >in
	run -4 --separate-stderr aqi-category in
	is_stderr 'aqi-category:in: this is bzip2, which this build cannot read; unpack it first: bzcat FILE | ...'
	printf 'PK\003\004\024' >in
	run -4 --separate-stderr aqi-category <in
	is_stderr 'aqi-category:-: this is a zip archive, which this build cannot read; unpack it first: unzip -p FILE | ...'
}

@test "without the libraries, what is packed is named all the same" {
	CC=${CC:-cc}
	command -v "$CC" >/dev/null || skip "there is no compiler"
	mkdir bare
	# The decoder of the library gives way to one that is compiled without.
	$CC -std=gnu17 -D_GNU_SOURCE -I"$ROOT/lib" $(library_flags) \
		-o bare/aqi-category "$BUILD/cmd/aqi-category.o" \
		"$ROOT/lib/record/decoder.c" "$BUILD/libaqi.a" -lcsv -ljansson -lm
	PATH=$PWD/bare:$PATH
	run -0 aqi-category --version
	[[ ${lines[1]} =~ glibc\ [0-9.]+$ ]]
	printf '\037\213\010' >in
	run -4 --separate-stderr aqi-category in
	is_stderr 'aqi-category:in: this is gzip, which this build cannot read; unpack it first: zcat FILE | ...'
	printf '\3757zXZ\000' >in
	run -4 --separate-stderr aqi-category in
	is_stderr 'aqi-category:in: this is xz, which this build cannot read; unpack it first: xzcat FILE | ...'
	for mark in '\050\265\057\375' '\137\052\115\030'; do
		printf "$mark" >in
		run -4 --separate-stderr aqi-category in
		is_stderr 'aqi-category:in: this is zstd, which this build cannot read; unpack it first: zstdcat FILE | ...'
	done
	run -0 aqi-category <<<$'aqi\n42'
	is_output $'aqi,category\n42,Good'
}

@test "text in another encoding leaves as UTF-8" {
	printf 'aqi,Stra\337e\n42,M\374hlweg\n' >in
	run -0 aqi-category --encoding latin1 in
	is_output 'aqi,Straße,category
42,Mühlweg,Good'
	run -0 aqi-category --encoding=ISO-8859-1 -O ndjson in
	is_output '{"aqi":42,"Straße":"Mühlweg","category":"Good"}'
}

@test "UTF-16 and UTF-32 are read by their marks" {
	printf 'aqi,é\r\n42,"€\r\n"\r\n' >text
	aqi-category text >wanted
	for e in UTF-16 UTF-32; do
		iconv -f UTF-8 -t $e text >in
		run -0 bash -c "aqi-category --encoding $e in >out"
		cmp wanted out
		for o in LE BE; do
			iconv -f UTF-8 -t $e$o text >in
			run -0 bash -c "aqi-category --encoding $e$o <in >out"
			cmp wanted out
		done
	done
	printf '\376\377' >in
	iconv -f UTF-8 -t UTF-16BE text >>in
	run -0 bash -c "aqi-category --encoding UTF-16 in >out"
	cmp wanted out
}

@test "what a message says to try for UTF-16 works" {
	printf 'aqi\n42\n' >text
	for e in UTF-16 UTF-16LE UTF-16BE UTF-32 UTF-32LE UTF-32BE; do
		iconv -f UTF-8 -t $e text >in
		run -1 --separate-stderr aqi-category in
		is_stderr "aqi-category:in:1:1: this is $e at byte 0; read it with --encoding $e"
		run -0 aqi-category --encoding $e in
		is_output $'aqi,category\n42,Good'
	done
}

@test "NDJSON may be in another encoding, and packed" {
	need_formats
	for f in $FORMATS; do
		echo '{"aqi":42,"Ort":"Zürich"}' | iconv -f UTF-8 -t UTF-16 |
			pack $f >packed
		run -0 aqi-category --encoding UTF-16 packed
		is_output '{"aqi":42,"Ort":"Zürich","category":"Good"}'
	done
}

@test "a record with bytes that are none of the encoding is refused alone" {
	printf 'aqi,name\n1,\200\n2,a\201b\n3,\351\n' >in
	run -1 --separate-stderr aqi-category --stats --encoding CP1252 in
	is_output 'aqi,name,category
1,€,Good
3,é,Good'
	is_stderr 'aqi-category:in:3:4: invalid CP1252 at byte 18 of the text
aqi-category: read 3 written 2 refused 1'
	{ printf 'aqi,name\n1,' | iconv -t UTF-16LE; printf '\000\330'
	  printf '\n2,b\n3,' | iconv -t UTF-16LE; printf '\000\334'; } >in
	run -1 --separate-stderr aqi-category --stats --encoding UTF-16LE in
	is_output 'aqi,name,category
2,b,Good'
	is_stderr 'aqi-category:in:2:3: invalid UTF-16LE at byte 11 of the text
aqi-category:in:4:3: invalid UTF-16LE at byte 19 of the text
aqi-category: read 3 written 1 refused 2'
}

@test "a text in another encoding is the same however it is cut" {
	make_table 400
	sed -i '2~3s/^s/é€😀\t/; 5s/,.*/,x/' table.csv
	for e in UTF-16 UTF-16BE UTF-32 GB18030 UTF-7; do
		iconv -f UTF-8 -t $e table.csv >in
		# A character is cut off at the end, two are broken.
		head -c -1 in >cut
		PRE=(AQI_TESTS=1)
		category --encoding $e <cut
		first=$status
		check_counts
		mv out wanted
		mv err wanted.err
		for fault in FAULT_SIZE={1,2,7,4095,4097}' FAULT_SLOW=1'; do
			with_faults $fault
			category --encoding $e <cut
			[ $status = $first ]
			cmp wanted out
			cmp wanted.err err
		done
	done
}

@test "an encoding that nobody knows is named" {
	for t in "${READERS[@]}"; do
		for e in nosuch '' latin1//TRANSLIT $'lat\033in1' 'latin1 '; do
			case $e in *$'\033'*) q='lat\x1bin1' ;; *) q=$e ;; esac
			run -2 --separate-stderr $t --encoding "$e" /dev/null
			is_stderr "$t: --encoding takes a name that iconv knows, such as latin1 or UTF-16 (iconv -l lists them), not \"$q\""
		done
	done
}

@test "UTF-8 by its name is what it is without" {
	printf 'aqi,\351\n1,2\n' >in
	for e in UTF-8 utf8; do
		run -1 --separate-stderr aqi-category --encoding $e in
		is_stderr 'aqi-category:in:1:5: invalid UTF-8 at byte 4 of the file (--encoding names another)'
	done
}
