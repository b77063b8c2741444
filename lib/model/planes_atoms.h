/*
 * planes_atoms.h: what a forest distinguishes: the distinct cuts, sets and
 * members of sets that it asks its views for. Private: for planes_build.c.
 */
#ifndef AQI_MODEL_PLANES_ATOMS_H
#define AQI_MODEL_PLANES_ATOMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct aqi_forest;

/* In the order in which they stand in a view's columns: first that of its cuts,
 * then that of its sets. */
enum aqi_planes_kind {
	AQI_PLANES_CUT,
	AQI_PLANES_MEMBER,
	AQI_PLANES_SET
};

struct aqi_planes_atom {
	double value;		/* the cut, the member, the set's number */
	uint32_t view;
	uint32_t column;	/* atoms of one column have one number */
	uint16_t kind;		/* enum aqi_planes_kind */
	uint16_t goes_left;	/* a missing value, of a cut or set */
};

struct aqi_planes_atoms {
	struct aqi_planes_atom *atoms;	/* (n,) by view, kind, value */
	size_t n, n_columns;
	uint32_t *of_node;		/* (n_nodes,) an inner node's */
};

/* AQI_E_MEMORY. What there is to free is the caller's in any case. */
enum aqi_status aqi_planes_atoms_find(const struct aqi_forest *forest,
				      struct aqi_planes_atoms *atoms,
				      struct aqi_error *err) AQI_MUST_CHECK;

/* The members of a set as a view can show them, one after the other, from 0 on:
 * the atom of member i, or SIZE_MAX for one that is never shown. */
size_t aqi_planes_atoms_member(const struct aqi_planes_atoms *atoms,
			       const struct aqi_forest *forest, uint32_t view,
			       uint32_t i);

void aqi_planes_atoms_free(struct aqi_planes_atoms *atoms);

#endif
