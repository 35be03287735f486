/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "log.h"
#include "output.h"

int output_open(struct output *out, const char *path)
{
	bool std = !path || !strcmp(path, "-");
	int fd;

	out->name = std ? "stdout" : path;
	if (std) {
		out->file = stdout;
		return 0;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	out->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (out->file)
		return 0;
	log_error("%s: cannot be written: %s; choose another place with -o", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -EIO;
}

void output_begin(struct output *out)
{
	if (out->file && out->file != stdout && ftruncate(fileno(out->file), 0))
		log_debug("%s: not a file that can be emptied", out->name); /* a FIFO or device */
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

int output_ready_clear(const char *path)
{
	struct stat st;

	if (!path || lstat(path, &st))
		return 0;
	if (S_ISREG(st.st_mode)) {
		unlink(path);
		return 0;
	}
	log_error("--ready-file %s: is there and no regular file; choose another place", path);
	return -EEXIST;
}

int output_ready_file(const char *path)
{
	char tmp[4096];
	int fd = -1, ret = 0;

	if (!path)
		return 0;
	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.%d", path, getpid()) >= sizeof(tmp))
		ret = -ENAMETOOLONG;
	if (!ret) /* never through a link that somebody laid there */
		fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (!ret && (fd < 0 || dprintf(fd, "pid=%d\n", getpid()) < 0))
		ret = -errno;
	if (fd >= 0 && close(fd) && !ret)
		ret = -errno;
	if (!ret && rename(tmp, path))
		ret = -errno;
	if (!ret)
		return 0;
	if (fd >= 0)
		unlink(tmp);
	log_error("--ready-file %s: %s; choose another place", path, strerror(-ret));
	return ret;
}
