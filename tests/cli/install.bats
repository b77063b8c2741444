#!/usr/bin/env bats
# What `make install` puts in place works there, and `make uninstall` takes it
# away again; `make dist` packs what is needed.

setup_file() {
	load helper
	export PREFIX=$BATS_FILE_TMPDIR/prefix
	make_quietly install PREFIX="$PREFIX"
}

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR"
}

# A make of our own, whichever make runs this.
make_quietly() {
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u PREFIX \
		make -s -C "$ROOT" BUILD="$BUILD" "$@"
}

# The files below a folder, or below this one.
only_names() {
	find "${1:-.}" ! -type d | sed "s|^${1:-.}/||" | sort
}

@test "DESTDIR comes before PREFIX, and is in no file" {
	make_quietly install DESTDIR="$PWD/root" PREFIX=/usr
	diff <(only_names root/usr) <(only_names "$PREFIX")
	grep -qx 'prefix=/usr' root/usr/lib/pkgconfig/aqi.pc
	run -1 grep -rIl "$PWD/root" root
}

@test "make uninstall leaves no file behind, but those of others" {
	make_quietly install DESTDIR="$PWD/root"
	mkdir root/usr/local/share/aqi/models/mine
	touch root/usr/local/share/aqi/models/mine/manifest.json
	make_quietly uninstall DESTDIR="$PWD/root"
	[ "$(only_names root)" = usr/local/share/aqi/models/mine/manifest.json ]
	rm -r root/usr/local/share/aqi/models/mine
	make_quietly install DESTDIR="$PWD/root"
	make_quietly uninstall DESTDIR="$PWD/root"
	[ -z "$(only_names root)" ]
	[ -z "$(find root -name '*aqi*')" ]
	make_quietly uninstall DESTDIR="$PWD/nothing"
}

@test "each program is installed with its manual and its completions" {
	for source in "$ROOT"/cmd/aqi-*.c; do
		program=$(basename "$source" .c)
		[ -x "$PREFIX/bin/$program" ]
		cmp "$ROOT/man/$program.1" "$PREFIX/share/man/man1/$program.1"
		cmp "$ROOT/completions/bash/$program" \
			"$PREFIX/share/bash-completion/completions/$program"
		cmp "$ROOT/completions/zsh/_$program" \
			"$PREFIX/share/zsh/site-functions/_$program"
		cmp "$ROOT/completions/fish/$program.fish" \
			"$PREFIX/share/fish/vendor_completions.d/$program.fish"
	done
	for page in "$ROOT"/man/*.[1-9]; do
		cmp "$page" \
			"$PREFIX/share/man/man${page##*.}/$(basename "$page")"
	done
	[ -z "$(find "$PREFIX" -type f -perm /133 ! -path '*/bin/*')" ]
}

@test "installed programs find the models beside them, wherever they are" {
	cp -R "$PREFIX" moved
	cp -R moved/share/aqi/models/production moved/share/aqi/models/mine
	run -0 --separate-stderr env HOME=/nonexistent PATH="$PWD/moved/bin:$PATH" \
		aqi-predict --list-models
	is_output "mine	$PWD/moved/share/aqi/models/mine
production	$PWD/moved/share/aqi/models/production"
	printf '%s\n%s\n' "$HEADER" "$GOOD" >hour.csv
	run -0 --separate-stderr moved/bin/aqi-predict -m mine hour.csv
	[ "$output" = "$(aqi-predict hour.csv)" ]
}

@test "a program builds with the installed library, as pkg-config says" {
	command -v pkg-config >/dev/null || skip "pkg-config is not installed"
	export PKG_CONFIG_PATH=$PREFIX/lib/pkgconfig
	[ "$(pkg-config --modversion aqi)" = \
		"$(aqi-predict --version | sed -n 's/^aqi-predict //p')" ]
	for libs in '--libs' '--static --libs'; do
		${CC:-cc} -Wall -Wextra -Werror $(library_flags) \
			$(pkg-config --cflags aqi) \
			"$ROOT/examples/predict.c" \
			$(pkg-config $libs aqi) -o predict
		run -0 ./predict
		[ "$output" = "$(printf '%s\n%s\n' "$HEADER" "$GOOD" |
			aqi-predict -O ndjson |
			sed -E 's/.*"aqi":([0-9.]*),"category":"([^"]*)".*/\1 \2/')" ]
	done
}

@test "each installed header compiles alone, with what is installed" {
	cd "$PREFIX/include/aqi"
	for header in */*.h; do
		${CC:-cc} -std=gnu17 -D_GNU_SOURCE -I. -fsyntax-only -Wall \
			-Werror -x c "$header"
	done
}

@test "the image has the libraries that the programs need" {
	command -v dpkg-query >/dev/null || skip "this is no Debian"
	[ -z "$(library_flags)" ] || skip "this build has libraries of its own"
	needed=$(ldd "$PREFIX"/bin/aqi-* | sed -n 's/.* => \(\/[^ ]*\).*/\1/p' |
		sort -u | xargs -n 1 realpath |
		sed 's|^/usr||' | xargs -I {} dpkg-query -S '*{}' |
		sed 's/:.*//' | sort -u)
	for package in $needed; do
		case $package in libc6|libgcc-s1|gcc-*-base) continue ;; esac
		sed -n '/^FROM debian:bookworm-slim$/,$p' "$ROOT/Dockerfile" |
			grep -qw "$package" || {
			echo "the Dockerfile lacks $package"
			return 1
		}
	done
	[[ $needed == *libc6* ]]
}

@test "make dist packs the commit, the same bytes each time" {
	git -C "$ROOT" rev-parse -q --verify HEAD >/dev/null 2>&1 ||
		skip "this is no git repository"
	mkdir a b
	make_quietly dist DISTDIR="$PWD/a"
	make_quietly dist DISTDIR="$PWD/b"
	cmp a/aqi-*.tar.gz b/aqi-*.tar.gz
	tar -xzf a/aqi-*.tar.gz
	diff <(cd aqi-*/ && only_names) \
		<(git -C "$ROOT" ls-tree -r --name-only HEAD | sort)
	[ -x aqi-*/tests/run ]
}

@test "make dist says what it needs where there is no git" {
	cp -R "$ROOT/Makefile" "$ROOT/lib" .
	run -2 env -u MAKEFLAGS -u MAKELEVEL GIT_DIR=/nonexistent make -s dist
	[[ $output == *"make dist needs the git repository"* ]]
	[ -z "$(find . -name '*.tar*')" ]
}
