/* A disk that can be switched off under a process, loaded with LD_PRELOAD (tests/reliability/faulty_disk.py).
 *
 * After every finished fsync or fdatasync of a file below FAULTY_DISK_UNDER it notes how long the file was when the
 * call began: bytes written meanwhile are not promised. A power cut is then a kill -9 and a truncation to that length,
 * because the page cache outlives a process but not the power.
 *
 * The first byte of FAULTY_DISK_MODE says what writing does: '0' works, 'f' no space left, 'r' read-only.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const volatile char *mode = "0";
static const char *under;
static int notes = -1;

__attribute__((constructor)) static void start(void) {
  const char *mode_file = getenv("FAULTY_DISK_MODE"), *notes_file = getenv("FAULTY_DISK_NOTES");
  under = getenv("FAULTY_DISK_UNDER");
  if (under == NULL || mode_file == NULL || notes_file == NULL) return;
  int descriptor = open(mode_file, O_RDONLY | O_CLOEXEC);
  if (descriptor >= 0) {
    void *mapped = mmap(NULL, 1, PROT_READ, MAP_SHARED, descriptor, 0);
    if (mapped != MAP_FAILED) mode = mapped;
    close(descriptor);
  }
  notes = open(notes_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int path_of(int descriptor, char *path, size_t size) {
  char name[64];
  snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(name, path, size - 1);
  if (under == NULL || length <= 0) return 0;
  path[length] = '\0';
  return strncmp(path, under, strlen(under)) == 0;
}

static int refused(void) {
  if (*mode == 'f') errno = ENOSPC;
  if (*mode == 'r') errno = EROFS;
  return *mode != '0';
}

static int sync_and_note(int descriptor, const char *call) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, call);
  char path[4096], line[4200];
  struct stat before;
  int ours = notes >= 0 && path_of(descriptor, path, sizeof path) && fstat(descriptor, &before) == 0;
  if (ours && refused()) return -1;
  int result = real(descriptor);
  if (ours && result == 0) {
    int length = snprintf(line, sizeof line, "%lld %s\n", (long long)before.st_size, path);
    ssize_t (*note)(int, const void *, size_t) = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    if (note(notes, line, (size_t)length) != length) abort();
  }
  return result;
}

int fsync(int descriptor) { return sync_and_note(descriptor, "fsync"); }

int fdatasync(int descriptor) { return sync_and_note(descriptor, "fdatasync"); }

ssize_t write(int descriptor, const void *bytes, size_t count) {
  static ssize_t (*real)(int, const void *, size_t);
  char path[4096];
  if (real == NULL) real = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
  if (*mode != '0' && path_of(descriptor, path, sizeof path) && refused()) return -1;
  return real(descriptor, bytes, count);
}
