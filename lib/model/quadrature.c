#include "model/quadrature.h"

#include <math.h>

#define PI 3.14159265358979323846

/* The Legendre polynomial of degree n at x; *slope, out, is its derivative. */
static double
legendre(size_t n, double x, double *slope)
{
	double before = 1, now = x, next;

	for (size_t k = 2; k <= n; k++) {
		next = ((double)(2 * k - 1) * x * now -
			(double)(k - 1) * before) / (double)k;
		before = now;
		now = next;
	}
	*slope = (double)n * (x * now - before) / (x * x - 1);
	return now;
}

/*
 * The points are the roots. Newton's method finds each from the estimate in a
 * few steps; it is stopped by their number, so that nothing depends on what is
 * near enough.
 */
void
aqi_quadrature_legendre(size_t n, double *points, double *weights)
{
	for (size_t i = 0; i < n; i++) {
		double x = -cos(PI * ((double)i + 0.75) / ((double)n + 0.5));
		double slope;

		for (int step = 0; step < 8; step++)
			x -= legendre(n, x, &slope) / slope;
		legendre(n, x, &slope);
		points[i] = (1 + x) / 2;
		weights[i] = 1 / ((1 - x * x) * slope * slope);
	}
}
