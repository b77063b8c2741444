/* Which headers a source accepts, and what is said of the others. */
#include "air/features.h"

#include <string.h>

#include "air/mapping.h"
#include "record/layout.h"
#include "record/step.h"
#include "tap.h"

#define MOST_COLUMNS 20

/* A layout of such columns, with commas between them. */
static void
make_layout(struct aqi_layout *layout, const char *columns)
{
	static struct aqi_slice names[MOST_COLUMNS];
	static bool is_number[MOST_COLUMNS];
	size_t n = 0;

	while (n < MOST_COLUMNS) {
		size_t size = strcspn(columns, ",");

		names[n++] = (struct aqi_slice){columns, size};
		if (!columns[size])
			break;
		columns += size + 1;
	}
	*layout = (struct aqi_layout){
		.file = "f", .inputs = names, .n_inputs = n, .n_named = n,
		.is_number = is_number,
	};
}

#define SIX "pm25,pm10,no2,so2,co,o3"
#define WEATHER "humidity,wind_speed,pressure"

static const struct {
	const char *source, *columns;
	bool is_json, allows_absent;
	const char *field, *reason;	/* NULL: it is accepted */
} cases[] = {
	{"base", "time," SIX ",temperature," WEATHER, false, false, NULL, NULL},
	{"base", SIX ",temperature," WEATHER, false, false, "hour",
	 "there is no column \"hour\", as the source \"base\" has"},
	{"base", "time," SIX ",temperature,dew_point,wind_speed,pressure",
	 false, false, NULL, NULL},
	{"base", "time," SIX ",dew_point,wind_speed,pressure", false, false,
	 "temperature",
	 "there is no column \"temperature\", as the source \"base\" has"},
	{"base", "time," SIX ",dew_point,wind_speed,pressure", false, true,
	 NULL, NULL},
	{"base", "time,temperature", false, false, "",
	 "there is no pollutant of the source \"base\", no \"pm25\" \"pm10\" "
	 "\"no2\" \"so2\" \"co\" \"o3\"; try --guess"},
	{"base", "time,PM25", false, false, "",
	 "there is no pollutant of the source \"base\", no \"pm25\" \"pm10\" "
	 "\"no2\" \"so2\" \"co\" \"o3\"; did you mean \"PM25\"?"},
	{"uci-italy", "Date,Time,T", false, false, "",
	 "there is no pollutant of the source \"uci-italy\", no \"NO2(GT)\" "
	 "\"CO(GT)\"; try --guess"},
	{"uk-air", "Date,Time,T", false, false, "",
	 "there is no pollutant of the source \"uk-air\", no \"PM2.5 "
	 "particulate matter (Hourly measure...\" \"PM10 particulate matter "
	 "(Hourly measured...\" \"Nitrogen dioxide\" \"Sulphur dioxide\" "
	 "\"Carbon monoxide\" \"Ozone\"; try --guess"},
	{"openair", "date,pm25_1hr,pm10_1hr,co_1hr", false, false, "",
	 "there is no pollutant of the source \"openair\", no \"pm25\" "
	 "\"pm10\" \"no2\" \"so2\" \"co\" \"o3\"; the header is like that of "
	 "bc: try --from bc"},
	{"openair", "pm25", false, false, "time",
	 "there is no column \"date\", as the source \"openair\" has"},
	{"uk-air", "Date,Ozone", false, false, "time",
	 "there is no column \"Time\", as the source \"uk-air\" has"},
	{"uk-air", "Date,Ozone", true, false, "time",
	 "there is no column \"Time\", as the source \"uk-air\" has"},
	{"uk-air", "Ozone", true, true, "time",
	 "there is no column \"Date\", as the source \"uk-air\" has"},
	{"uk-air", "Date,Ozone", true, true, NULL, NULL},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aqi_error err = {0};
		struct aqi_mapping *mapping =
			aqi_mapping_load(cases[i].source, &err);
		struct aqi_features *features = aqi_features_new(
			&(struct aqi_features_options){.mapping = mapping});
		struct aqi_step step = aqi_features_step(features);
		struct aqi_layout layout;
		bool is_right;

		make_layout(&layout, cases[i].columns);
		layout.is_json = cases[i].is_json;
		layout.allows_absent = cases[i].allows_absent;
		is_right = step.bind(step.self, &layout, &err) == AQI_OK ?
			   !cases[i].reason :
			   cases[i].reason && err.code == AQI_E_USAGE &&
			   strcmp(err.field, cases[i].field) == 0 &&
			   strcmp(err.reason, cases[i].reason) == 0;
		if (!ok(is_right, "%s %s: %s%s%s", cases[i].source,
			cases[i].reason ? "refuses" : "accepts",
			cases[i].columns, cases[i].is_json ? ", JSON" : "",
			cases[i].allows_absent ? ", any absent" : ""))
			note("%d %s: %s", err.code, err.field, err.reason);
		aqi_arena_free(&layout.arena);
		aqi_features_free(features);
		aqi_mapping_free(mapping);
	}
	return done();
}
