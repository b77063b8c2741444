/*
 * quadrature.h: integrals of polynomials from 0 to 1, by Gauss and Legendre.
 *
 * n points are exact for polynomials of degree 2n - 1 and less, but for
 * rounding: all weights are above 0, and nothing cancels.
 *
 * Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 25.4.29,
 * moved from -1..1 to 0..1.
 */
#ifndef AQI_MODEL_QUADRATURE_H
#define AQI_MODEL_QUADRATURE_H

#include <stddef.h>

/* points and weights are (n,), out, the points from least to greatest. */
void aqi_quadrature_legendre(size_t n, double *points, double *weights);

#endif
