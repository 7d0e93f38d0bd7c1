/* Dies at the n-th thing that a process does to the files whose path begins with DISK_FAULT_PATH. Preloaded by
 * tests/campaigns/crash/writes.rs; see there for why.
 *
 *   DISK_FAULT_LIST=FILE   writes one line for each call, "name size path", and lets it pass
 *   DISK_FAULT_AT=N        kills the process before the n-th call, counted from 1
 *   DISK_FAULT_AT=N/2      … half way through it, if it is a write: the page is torn
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long calls;

static long raw_write(int fd, const void *bytes, size_t size) { return syscall(SYS_write, fd, bytes, size); }

static void list(const char *name, size_t size, const char *path) {
  const char *to = getenv("DISK_FAULT_LIST");
  char line[4300];
  int fd, length;
  if (to == NULL) return;
  length = snprintf(line, sizeof line, "%s %zu %s\n", name, size, path);
  fd = open(to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0 || raw_write(fd, line, (size_t)length) != length) abort();
  close(fd);
}

/* How much of the call is still to be done before the process dies; -1 to go on. */
static long fault(const char *name, size_t size, const char *path) {
  const char *at = getenv("DISK_FAULT_AT"), *prefix = getenv("DISK_FAULT_PATH");
  if (prefix == NULL || strncmp(path, prefix, strlen(prefix)) != 0) return -1;
  list(name, size, path);
  if (at == NULL || atomic_fetch_add(&calls, 1) + 1 != atol(at)) return -1;
  return strchr(at, '/') == NULL ? 0 : (long)(size / 2);
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static long fault_at(const char *name, size_t size, int fd) {
  char link[64], path[4096];
  ssize_t length;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  length = readlink(link, path, sizeof path - 1);
  if (length < 0) return -1;
  path[length] = '\0';
  return fault(name, size, path);
}

ssize_t write(int fd, const void *bytes, size_t size) {
  long part = fault_at("write", size, fd);
  if (part < 0) return raw_write(fd, bytes, size);
  raw_write(fd, bytes, (size_t)part);
  die();
  return -1;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) {
  long part = fault_at("write", size, fd);
  if (part < 0) return syscall(SYS_pwrite64, fd, bytes, size, offset);
  syscall(SYS_pwrite64, fd, bytes, (size_t)part, offset);
  die();
  return -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset) { return pwrite64(fd, bytes, size, offset); }

int fsync(int fd) {
  if (fault_at("sync", 0, fd) >= 0) die();
  return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd) {
  if (fault_at("sync", 0, fd) >= 0) die();
  return (int)syscall(SYS_fdatasync, fd);
}

int ftruncate64(int fd, off64_t size) {
  if (fault_at("truncate", 0, fd) >= 0) die();
  return (int)syscall(SYS_ftruncate, fd, size);
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int unlink(const char *path) {
  if (fault("unlink", 0, path) >= 0) die();
  return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}
