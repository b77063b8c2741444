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
	const float hour[] = {35.5f, 50.2f, 25.3f, 8.1f, 0.6f, 45.7f, 22.5f,
			      65, 3.2f, 1013.25f, 14, 2, 6};
	struct aqi_error err;
	struct aqi_model *model = aqi_model_load(NULL, &err);
	float aqi;

	if (!model) {
		fprintf(stderr, "%s\n", err.reason);
		return 3;
	}
	aqi_model_predict(model, hour, 1, &aqi);
	printf("%.2f %s\n", (double)aqi, aqi_category_name((double)aqi).data);
	aqi_model_free(model);
	return 0;
}
