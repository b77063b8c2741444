/*
 * explain.h: what each input contributes to a prediction.
 *
 * The contributions are Shapley values: an input's is the mean, over all orders
 * in which the inputs could become known, of how much the margin changes when
 * it does. Of an input that is not known, a split takes both ways, as many of
 * each as samples of the training did (the covers). With none known that is the
 * expected value, with all the margin: so
 *
 *	expected value + sum of contributions = margin
 *
 * but for rounding, for the arithmetic here is in 64 bits whatever the width of
 * the forest. They are of margins, before the link and what a bundle does with
 * it. These are the values of XGBoost's pred_contribs and LightGBM's
 * pred_contrib: path-dependent TreeSHAP.
 *
 * Sources: Lundberg, Erion, Lee, "Consistent Individualized Feature Attribution
 * for Tree Ensembles", arXiv:1802.03888, which defines them; Owen, "Multilinear
 * Extensions of Games", Management Science 18 (1972), by which a Shapley value
 * is an integral of a polynomial. We compute that integral, which is exact
 * (model/quadrature.h), in time proportional to the nodes times half the inputs
 * of a path, without recursion, and without the differences of large numbers
 * that algorithm 2 of the first source loses digits to on deep trees.
 */
#ifndef AQI_MODEL_EXPLAIN_H
#define AQI_MODEL_EXPLAIN_H

#include <stddef.h>

#include "base/error.h"

struct aqi_forest;
struct aqi_explain;	/* immutable; many threads may use it at once */

/* Trees of more levels than this are not explained. */
#define AQI_EXPLAIN_DEPTH 256

/*
 * What can be known about the forest beforehand; it must outlive this. Fails
 * with AQI_E_MODEL where the forest does not tell covers, has a leaf that is a
 * linear function, another aggregate than the sum, or a deeper tree;
 * AQI_E_MEMORY.
 *
 * Where no sample of the training went through a split, both ways count alike.
 */
struct aqi_explain *aqi_explain_new(const struct aqi_forest *forest,
				    struct aqi_error *err) AQI_MUST_CHECK;

/* Of how many bytes is the room that aqi_explain_rows needs? It grows with the
 * largest tree, not with the rows. */
size_t aqi_explain_room(const struct aqi_explain *explain);

/*
 * Explain n_rows samples.
 *
 * x     (n_rows, n_inputs) row-major, NaN where missing
 * out   (n_rows, n_margins, n_inputs + 1), out: the contributions of the
 *       inputs, and last the expected value
 * room  aqi_explain_room bytes, aligned for double; what it held is lost
 *
 * Cannot fail and does not allocate. Many rows at once cost less each.
 */
void aqi_explain_rows(const struct aqi_explain *explain, const double *x,
		      size_t n_rows, double *out, void *room);

void aqi_explain_free(struct aqi_explain *explain);

#endif
