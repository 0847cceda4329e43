/* SPDX-License-Identifier: MIT */
/*
 * Raw images: opening with every check that can be made before the guest runs, and whole transfers.
 *
 * Plain pread, pwrite and fdatasync, so that what reaches the host can be recorded from outside. A
 * writer takes a write lock that belongs to the open file (F_OFD_SETLK), so a second writer is
 * refused, in another process or in this one. Readers take none: -snapshot of a running machine's
 * disk is allowed.
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "host/block_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int block_raw_read(int fd, uint64_t offset, void *buf, size_t len)
{
    uint8_t *p = buf;

    while (len) {
        ssize_t n = pread(fd, p, len, (off_t)offset);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -errno;
        }
        if (n == 0) {
            return -EIO; /* the file was cut short behind our back */
        }
        p += n;
        offset += (uint64_t)n;
        len -= (size_t)n;
    }
    return 0;
}

int block_raw_write(int fd, uint64_t offset, const void *buf, size_t len)
{
    const uint8_t *p = buf;

    while (len) {
        ssize_t n = pwrite(fd, p, len, (off_t)offset);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -errno;
        }
        if (n == 0) {
            return -EIO;
        }
        p += n;
        offset += (uint64_t)n;
        len -= (size_t)n;
    }
    return 0;
}

int block_raw_sync(int fd)
{
    while (fdatasync(fd)) {
        if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}

/* What is wrong with this kind of file, or NULL. */
static char *check_kind(const char *path, const struct stat *st)
{
    if (S_ISDIR(st->st_mode)) {
        return xasprintf("disk image '%s' is a directory; give an image file", path);
    }
    if (!S_ISREG(st->st_mode) && !S_ISBLK(st->st_mode)) {
        return xasprintf("disk image '%s' is a pipe or a character device; give a file or a "
                         "block device",
                         path);
    }
    return NULL;
}

static char *open_error(const char *path, bool writable, int err)
{
    if (err == ENOENT || err == ENOTDIR) {
        return xasprintf("cannot open disk image '%s': %s; check the path, or create an empty "
                         "image with: truncate -s 64M FILE",
                         path, strerror(err));
    }
    if (writable && (err == EACCES || err == EPERM || err == EROFS) && access(path, R_OK) == 0) {
        return xasprintf("disk image '%s' cannot be written (%s); add readonly=on or -snapshot, "
                         "or make it writable",
                         path, strerror(err));
    }
    if (err == EACCES || err == EPERM) {
        return xasprintf("cannot open disk image '%s': %s; check its permissions and those of "
                         "its directory",
                         path, strerror(err));
    }
    return xasprintf("cannot open disk image '%s': %s", path, strerror(err));
}

/* False if another open file holds the lock. File systems without locks are taken as they are. */
static bool lock_for_writing(int fd)
{
#ifdef F_OFD_SETLK
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    return fcntl(fd, F_OFD_SETLK, &lock) == 0 || (errno != EAGAIN && errno != EACCES);
#else
    (void)fd;
    return true;
#endif
}

static char *check_open(int fd, const char *path, bool writable, uint64_t *bytes)
{
    struct stat st;

    if (fstat(fd, &st)) {
        return xasprintf("cannot examine disk image '%s': %s", path, strerror(errno));
    }
    char *error = check_kind(path, &st);

    if (error) {
        return error;
    }
    /* A block device has its size at its end only. */
    off_t end = S_ISBLK(st.st_mode) ? lseek(fd, 0, SEEK_END) : st.st_size;

    if (end < 0) {
        return xasprintf("cannot find the size of '%s': %s", path, strerror(errno));
    }
    if (end == 0) {
        return xasprintf("disk image '%s' is empty; give it a size first, as in: truncate -s 64M "
                         "FILE",
                         path);
    }
    if (writable && !lock_for_writing(fd)) {
        return xasprintf("disk image '%s' is in use for writing by another drive or emulator; "
                         "add -snapshot or readonly=on, or use a copy",
                         path);
    }
    *bytes = (uint64_t)end;
    return NULL;
}

int block_raw_open(const char *path, bool writable, uint64_t *bytes, char **error)
{
    struct stat st;

    /* Looked at first: opening a pipe would wait for its other end. */
    if (stat(path, &st) == 0 && (*error = check_kind(path, &st))) {
        return -1;
    }
    int fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0) {
        *error = open_error(path, writable, errno);
        return -1;
    }
    *error = check_open(fd, path, writable, bytes);
    if (*error) {
        close(fd);
        return -1;
    }
    return fd;
}
