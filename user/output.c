/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <fcntl.h>
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

void output_close(struct output *out)
{
	if (out->file && out->file != stdout)
		fclose(out->file);
	out->file = NULL;
}

int output_ready_file(const char *path)
{
	int fd;

	if (!path)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0) {
		log_error("--ready-file %s: %s", path, strerror(errno));
		return -errno;
	}
	close(fd);
	return 0;
}
