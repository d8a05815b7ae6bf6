/* Columns of dates, and the columns of numbers that they become beside them. */
#ifndef MINNOW_DATA_TABLE_DATES_H
#define MINNOW_DATA_TABLE_DATES_H

#include "data/table/table.h"

enum { DATE_PARTS = 5 }; /* year, month, day, weekday (1: Monday), hour */

/* How a date is written. */
enum date_form {
    DATE_NONE,
    DATE_ISO,   /* 2024-03-01 or 2024/03/01 */
    DATE_GERMAN /* 01.03.2024 */
};
struct date {
    enum date_form form;
    bool timed; /* with a time of day, behind a T or a blank */
    float part[DATE_PARTS];
};

/* False for what is no date of the calendar. */
bool date_parse(const char *text, struct date *out);

/* Adds the parts of columns of texts that are all dates, and of those of which a part is wanted. Sets own_columns. Errors:
   INPUT (a text that is none, where a part is wanted), MEMORY. */
minnow_status table_take_dates(struct table *table, const struct table_options *options);

#endif
