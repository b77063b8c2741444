/*
 * The library in a few lines: what the built-in model says of one hour.
 *
 *	cc $(pkg-config --cflags aqi) predict.c $(pkg-config --libs aqi)
 */
#include <air/category.h>
#include <model/bundle.h>
#include <stdio.h>

int
main(void)
{
	/* In the order of model->inputs, here the base record's. */
	const double hour[] = {35.5, 50.2, 25.3, 8.1, 0.6, 45.7, 22.5,
			       65, 3.2, 1013.25, 14, 2, 6};
	struct aqi_error err;
	struct aqi_model *model = aqi_model_load(NULL, &err);
	double aqi;

	if (!model) {
		fprintf(stderr, "%s\n", err.reason);
		return 3;
	}
	aqi_model_predict(model, hour, 1, &aqi);
	printf("%.2f %s\n", aqi, aqi_category_name(aqi).data);
	aqi_model_free(model);
	return 0;
}
