#include "model/planes_atoms.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "model/forest_block.h"
#include "model/splits.h"
#include "model/width.h"

static bool
is_wide(const struct aqi_forest *f)
{
	return f->header->flags & AQI_FOREST_WIDE;
}

/* Can it be a value that a view shows? */
static bool
is_shown(const struct aqi_forest *f, double member)
{
	return is_wide(f) || (double)(float)member == member;
}

static int
compare_numbers(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* The distinct members of a view's sets, whose splits are [split, end). */
static void
add_members(const struct aqi_forest *f, const struct aqi_split *split,
	    const struct aqi_split *end, struct aqi_planes_atom atom,
	    struct aqi_buffer *atoms)
{
	struct aqi_buffer members = {0};
	const double *all;
	size_t n;

	for (; split < end; split++) {
		const uint32_t set = (uint32_t)split->value;

		for (uint32_t i = f->sets[set]; i < f->sets[set + 1]; i++) {
			const double member = f->members[i] + 0.0;

			if (is_shown(f, member))
				aqi_buffer_add(&members, &member,
					       sizeof member);
		}
	}
	if (members.failed)
		atoms->failed = true;
	n = members.size / sizeof *all;
	if (n > 0)
		qsort(members.data, n, sizeof *all, compare_numbers);
	all = (const void *)members.data;
	atom.kind = AQI_PLANES_MEMBER;
	for (size_t i = 0; i < n; i++) {
		atom.value = all[i];
		if (i == 0 || all[i] > all[i - 1])
			aqi_buffer_add(atoms, &atom, sizeof atom);
	}
	aqi_buffer_free(&members);
}

/* The splits from `split` on that ask the same of the same view. */
static size_t
find_end(const struct aqi_splits *s, size_t split)
{
	const uint32_t all = AQI_FOREST_VIEW | AQI_FOREST_HAS_SET;
	size_t end = split;

	while (end < s->n &&
	       (s->splits[end].test & all) == (s->splits[split].test & all))
		end++;
	return end;
}

/* A column; `places` of its splits, out: the atoms. */
static void
add_column(const struct aqi_forest *f, const struct aqi_splits *s,
	   size_t split, size_t end, uint32_t column,
	   struct aqi_buffer *atoms, uint32_t *places)
{
	const bool has_set = s->splits[split].test & AQI_FOREST_HAS_SET;
	struct aqi_planes_atom atom = {
		.view = s->splits[split].test & AQI_FOREST_VIEW,
		.column = column,
	};

	if (has_set)
		add_members(f, s->splits + split, s->splits + end, atom, atoms);
	atom.kind = has_set ? AQI_PLANES_SET : AQI_PLANES_CUT;
	for (; split < end; split++) {
		const struct aqi_split *of = &s->splits[split];

		atom.value = 0.0 + (has_set ? of->value :
				    aqi_width_cut(is_wide(f), of->value));
		atom.goes_left = (of->test & AQI_FOREST_DEFAULT_LEFT) != 0;
		places[split] = (uint32_t)(atoms->size / sizeof atom);
		aqi_buffer_add(atoms, &atom, sizeof atom);
	}
}

enum aqi_status
aqi_planes_atoms_find(const struct aqi_forest *f, struct aqi_planes_atoms *a,
		      struct aqi_error *err)
{
	struct aqi_buffer atoms = {0};
	struct aqi_splits s;
	uint32_t *places;
	uint32_t column = 0;

	*a = (struct aqi_planes_atoms){0};
	if (aqi_splits_find(f, SIZE_MAX, &s, err) != AQI_OK)
		return AQI_FATAL;
	places = calloc(s.n + 1, sizeof *places);
	for (size_t i = 0, end; places && i < s.n; i = end) {
		end = find_end(&s, i);
		add_column(f, &s, i, end, column++, &atoms, places);
	}
	a->atoms = (void *)atoms.data;
	a->n = atoms.size / sizeof *a->atoms;
	a->n_columns = column;
	a->of_node = s.of_node;
	s.of_node = NULL;
	if (places && !atoms.failed)
		for (uint64_t i = 0; i < f->header->n_nodes; i++)
			if (f->nodes[i].left != 0)
				a->of_node[i] = places[a->of_node[i]];
	aqi_splits_free(&s);
	if (places && !atoms.failed) {
		free(places);
		return AQI_OK;
	}
	free(places);
	return aqi_error_memory(err);
}

static int
compare_atoms(const void *a, const void *b)
{
	const struct aqi_planes_atom *x = a, *y = b;

	if (x->view != y->view)
		return x->view < y->view ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return compare_numbers(&x->value, &y->value);
}

size_t
aqi_planes_atoms_member(const struct aqi_planes_atoms *a,
			const struct aqi_forest *f, uint32_t view, uint32_t i)
{
	const struct aqi_planes_atom wanted = {
		.value = f->members[i] + 0.0,
		.view = view, .kind = AQI_PLANES_MEMBER,
	};
	const struct aqi_planes_atom *found;

	if (!is_shown(f, f->members[i]))
		return SIZE_MAX;
	found = bsearch(&wanted, a->atoms, a->n, sizeof wanted, compare_atoms);
	return (size_t)(found - a->atoms);
}

void
aqi_planes_atoms_free(struct aqi_planes_atoms *a)
{
	free(a->atoms);
	free(a->of_node);
}
