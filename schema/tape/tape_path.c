#include "schema/tape/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *tape_plain_path(const char *path)
{
	char *plain = NULL;
	return asprintf(&plain, "%s%s", path[0] == '/' ? "" : "./", path) < 0 ? NULL : plain;
}

char *tape_default_path(struct err *err)
{
	const char *db = getenv("TAPEDECK_DB"), *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	char *path = NULL;
	int rc = -1;
	if (db && *db)
		rc = asprintf(&path, "%s", db);
	else if (data && *data == '/') /* the XDG specification: a relative path is to be ignored */
		rc = asprintf(&path, "%s/tapedeck/tape.db", data);
	else if (home && *home)
		rc = asprintf(&path, "%s/.local/share/tapedeck/tape.db", home);
	else
		err_set(err, "no place for the tape is known: HOME is not set; name a file with --db FILE or TAPEDECK_DB");
	if (rc < 0 && err->text[0] == '\0')
		err_set(err, "out of memory");
	return rc < 0 ? NULL : path;
}
