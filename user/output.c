/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "log.h"
#include "output.h"

int output_open(struct output *out, const char *path)
{
	out->name = path && strcmp(path, "-") ? path : "stdout";
	out->file = path && strcmp(path, "-") ? fopen(path, "we") : stdout;
	if (out->file)
		return 0;
	log_error("%s: cannot be written: %s; choose another place with -o", path, strerror(errno));
	return -errno;
}

int output_finish(struct output *out)
{
	FILE *file = out->file;

	if (!file)
		return 0;
	if (fflush(file) || ferror(file))
		return errno ? -errno : -EIO;
	if (file == stdout)
		return 0;
	out->file = NULL;
	return fclose(file) ? -errno : 0;
}

enum exit_code output_told(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_OK;
	log_error("stdout: not written whole: %s; free some space or choose another place",
		  strerror(errno));
	return EXIT_OUTPUT;
}

void output_close(struct output *out)
{
	if (out->file && out->file != stdout)
		fclose(out->file);
	out->file = NULL;
}

int output_ready_file(const char *path)
{
	char tmp[4096];
	FILE *f;
	int ret = 0;

	if (!path)
		return 0;
	snprintf(tmp, sizeof(tmp), "%s.%d", path, getpid());
	f = fopen(tmp, "we");
	if (!f || fprintf(f, "pid=%d\n", getpid()) < 0)
		ret = -errno;
	if (f && fclose(f) && !ret)
		ret = -errno;
	if (!ret && rename(tmp, path))
		ret = -errno;
	if (ret)
		log_error("--ready-file %s: %s; choose another place", path, strerror(-ret));
	return ret;
}
