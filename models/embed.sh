#!/bin/sh
# Turn files into one assembly file that holds their bytes and a table of them
# (lib/base/builtin.h). Arguments: PATH=FILE..., PATH being the name inside.
# Usage: models/embed.sh schemas/api.json=models/schemas/api.json ... > out.S
set -eu
LC_ALL=C
export LC_ALL

# Of the compiler: as wide as a pointer.
printf '#if __SIZEOF_POINTER__ == 8\n#define WORD .quad\n'
printf '#else\n#define WORD .long\n#endif\n'
echo '	.section .rodata'
i=0
for pair in "$@"; do
	printf '	.balign 64\nbytes%d:\n	.incbin "%s"\nend%d:\n	.byte 0\n' \
		"$i" "${pair#*=}" "$i"
	printf 'path%d:\n	.asciz "%s"\n' "$i" "${pair%%=*}"
	i=$((i + 1))
done
n=$i
printf '	.balign 8\n	.globl aqi_builtin_count\n'
printf '	.type aqi_builtin_count, %%object\n	.size aqi_builtin_count, __SIZEOF_POINTER__\n'
printf 'aqi_builtin_count:\n	WORD %d\n' "$n"
printf '	.section .data.rel.ro, "aw"\n	.balign 8\n'
printf '	.globl aqi_builtin_table\n	.type aqi_builtin_table, %%object\n'
printf '	.size aqi_builtin_table, %d * __SIZEOF_POINTER__\n' $((n * 3))
printf 'aqi_builtin_table:\n'
i=0
while [ "$i" -lt "$n" ]; do
	printf '	WORD path%d, bytes%d, end%d - bytes%d\n' "$i" "$i" "$i" "$i"
	i=$((i + 1))
done
echo '	.section .note.GNU-stack, "", %progbits'
