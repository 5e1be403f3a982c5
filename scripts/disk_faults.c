// Stands between a program and its disk (LD_PRELOAD): writes down what reaches the files of a folder, lets a call fail, or kills the
// program at a named moment. For scripts/faults; never part of Thrum.
//   DISK_DIR=FOLDER   files of interest; the log's index (-shm) is none: it is rebuilt at every start
//   DISK_LOG=FILE     every change and every sync, in order; output to descriptor 1 is a mark
//   DISK_FAIL=N:ERRNO:once|on    the N-th call fails; ERRNO a number, or 0: a write that writes half
//   DISK_FAIL_WHILE=FILE         every call fails with ENOSPC while there is such a file, or with DISK_FAIL_CODE
//   DISK_NOSYNC=1     syncs do nothing: what durability costs is the difference
//   DISK_KILL=MOMENT:N:before|after|MS    SIGKILL before or after the N-th, or so many milliseconds after it;
//                     MOMENT: sync-wal sync-db sync-other rename puback write open (of a file that is there, by stdio)
//   DISK_KILL_FILE=TEXT   only moments of files whose path holds it; of a rename the old name counts
//   DISK_KILL_TEXT=TEXT   only moments from the first write on that holds it
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *names[1024];
static uint64_t inodes[1024];
static const char *dir, *fail_while;
static int log_fd = -1;
static long fail_at, calls, kill_at, moments;
static int fail_errno, fail_on, kill_after;
static char kill_moment[32];
static const char *kill_file, *kill_text;
static int text_seen, kill_milliseconds;

static int real_open(const char *path, int flags, int mode) {
  REAL(int, "open64", const char *, int, ...);
  return real(path, flags, mode);
}
static ssize_t real_write(int fd, const void *bytes, size_t count) {
  REAL(ssize_t, "write", int, const void *, size_t);
  return real(fd, bytes, count);
}

__attribute__((constructor)) static void start(void) {
  dir = getenv("DISK_DIR");
  fail_while = getenv("DISK_FAIL_WHILE");
  const char *path = getenv("DISK_LOG"), *fail = getenv("DISK_FAIL"), *order = getenv("DISK_KILL");
  if (path) log_fd = fcntl(real_open(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644), F_DUPFD_CLOEXEC, 900);
  char mode[8] = "";
  if (fail && sscanf(fail, "%ld:%d:%7s", &fail_at, &fail_errno, mode) == 3) fail_on = mode[0] == 'o' && mode[2] == 0;
  if (order && sscanf(order, "%31[^:]:%ld:%7s", kill_moment, &kill_at, mode) == 3) {
    kill_after = mode[0] != 'b';
    kill_milliseconds = atoi(mode);
  }
  kill_file = getenv("DISK_KILL_FILE");
  kill_text = getenv("DISK_KILL_TEXT");
}

// One record: kind, name length, inode, offset, data length; name; data.
static void put(char kind, const char *name, uint64_t inode, uint64_t offset, const void *data, uint32_t length) {
  if (log_fd < 0) return;
  uint32_t size = strlen(name);
  size_t total = 25 + size + length;
  char *record = malloc(total);
  record[0] = kind;
  memcpy(record + 1, &size, 4);
  memcpy(record + 5, &inode, 8);
  memcpy(record + 13, &offset, 8);
  memcpy(record + 21, &length, 4);
  memcpy(record + 25, name, size);
  if (length) memcpy(record + 25 + size, data, length);
  pthread_mutex_lock(&lock);
  for (size_t done = 0; done < total;) {
    ssize_t put = real_write(log_fd, record + done, total - done);
    if (put <= 0) break;
    done += put;
  }
  pthread_mutex_unlock(&lock);
  free(record);
}

static int ours(const char *path) {
  return dir && !strncmp(path, dir, strlen(dir)) && !strstr(path, "-shm") && !strstr(path, ".lock");
}
static const char *known(int fd) { return fd >= 0 && fd < 1024 ? names[fd] : NULL; }

/// Whether this call has to fail; sets errno.
static int fails(void) {
  if (fail_while && access(fail_while, F_OK) == 0) {
    const char *code = getenv("DISK_FAIL_CODE");
    errno = code ? atoi(code) : ENOSPC;
    return 1;
  }
  if (!fail_at) return 0;
  long number = __sync_add_and_fetch(&calls, 1);
  if (fail_on ? number < fail_at : number != fail_at) return 0;
  errno = fail_errno;
  return 1;
}

static void *kill_later(void *unused) {
  usleep(kill_milliseconds * 1000);
  kill(getpid(), SIGKILL);
  return unused;
}
static void moment(const char *name, const char *path, int is_after) {
  if (!kill_at || strcmp(name, kill_moment) || is_after != kill_after) return;
  if ((kill_file && !(path && strstr(path, kill_file))) || (kill_text && !text_seen)) return;
  if (__sync_add_and_fetch(&moments, 1) != kill_at) return;
  pthread_t thread;
  if (!kill_milliseconds) kill(getpid(), SIGKILL);
  pthread_create(&thread, NULL, kill_later, NULL);
}
static void look_at(const void *bytes, size_t count) {
  if (kill_text && !text_seen && memmem(bytes, count, kill_text, strlen(kill_text))) text_seen = 1;
}
static const char *sync_moment(const char *name) {
  size_t length = strlen(name);
  if (length > 4 && !strcmp(name + length - 4, "-wal")) return "sync-wal";
  return length > 3 && !strcmp(name + length - 3, ".db") ? "sync-db" : "sync-other";
}

static int opened(const char *path, int flags, int mode) {
  int is_ours = ours(path), was_there = is_ours && access(path, F_OK) == 0;
  if (is_ours && (flags & (O_CREAT | O_WRONLY | O_RDWR)) && fails()) return -1;
  int fd = real_open(path, flags, mode);
  if (fd < 0 || fd >= 900) return fd;
  free(names[fd]);
  names[fd] = is_ours ? strdup(path) : NULL;
  if (!is_ours) return fd;
  struct stat status;
  fstat(fd, &status);
  inodes[fd] = status.st_ino;
  if (!was_there && (flags & O_CREAT)) put('C', path, status.st_ino, 0, NULL, 0);
  if (was_there && (flags & O_TRUNC)) put('T', path, status.st_ino, 0, NULL, 0);
  return fd;
}
#define OPEN(symbol) \
  int symbol(const char *path, int flags, ...) { \
    int mode = 0; \
    if (flags & O_CREAT) { va_list a; va_start(a, flags); mode = va_arg(a, int); va_end(a); } \
    return opened(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define FOPEN(symbol) \
  FILE *symbol(const char *path, const char *mode) { \
    REAL(FILE *, #symbol, const char *, const char *); \
    FILE *file = real(path, mode); \
    if (file && ours(path)) moment("open", path, 1); \
    return file; \
  }
FOPEN(fopen)
FOPEN(fopen64)

int close(int fd) {
  REAL(int, "close", int);
  if (known(fd)) { free(names[fd]); names[fd] = NULL; }
  return real(fd);
}

static ssize_t written(int fd, const void *bytes, size_t count, off64_t offset) {
  REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
  const char *name = known(fd);
  if (name && fails()) {
    if (fail_errno) return -1;
    count = count / 2;
  }
  if (name) look_at(bytes, count), moment("write", name, 0);
  ssize_t put_bytes = real(fd, bytes, count, offset);
  if (name) moment("write", name, 1);
  if (name && put_bytes > 0) put('W', name, inodes[fd], offset, bytes, put_bytes);
  return put_bytes;
}
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) { return written(fd, bytes, count, offset); }
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) { return written(fd, bytes, count, offset); }

ssize_t write(int fd, const void *bytes, size_t count) {
  const char *name = known(fd);
  off64_t offset = name ? lseek64(fd, 0, SEEK_CUR) : 0;
  if (name && fails()) {
    if (fail_errno) return -1;
    count = count / 2;
  }
  // libmosquitto writes each PUBACK by itself: four bytes, the first of them 0x40.
  int is_ack = !name && fd > 2 && count == 4 && ((const uint8_t *)bytes)[0] == 0x40;
  if (is_ack) moment("puback", NULL, 0);
  if (name) look_at(bytes, count), moment("write", name, 0);
  ssize_t done = real_write(fd, bytes, count);
  if (name) moment("write", name, 1);
  if (is_ack) moment("puback", NULL, 1);
  if (name && done > 0) put('W', name, inodes[fd], offset, bytes, done);
  if (fd == 1 && done > 0) put('M', "", 0, 0, bytes, done);
  return done;
}

static int truncated(int fd, off64_t length) {
  REAL(int, "ftruncate64", int, off64_t);
  if (known(fd) && fails()) return -1;
  int result = real(fd, length);
  if (!result && known(fd)) put('T', names[fd], inodes[fd], length, NULL, 0);
  return result;
}
int ftruncate(int fd, off_t length) { return truncated(fd, length); }
int ftruncate64(int fd, off64_t length) { return truncated(fd, length); }

static int synced(int fd, int (*call)(int)) {
  static int skips = -1;
  if (skips < 0) skips = getenv("DISK_NOSYNC") != NULL;
  if (skips) return 0;
  const char *name = known(fd);
  if (name && fails()) { if (!fail_errno) errno = EIO; return -1; }
  if (name) moment(sync_moment(name), name, 0);
  int result = call(fd);
  if (!result && name) put('S', name, inodes[fd], 0, NULL, 0);
  if (name) moment(sync_moment(name), name, 1);
  return result;
}
int fsync(int fd) { REAL(int, "fsync", int); return synced(fd, real); }
int fdatasync(int fd) { REAL(int, "fdatasync", int); return synced(fd, real); }

static int two(char kind, const char *from, const char *to, int (*call)(const char *, const char *)) {
  if (ours(from) && fails()) { if (!fail_errno) errno = EIO; return -1; }
  if (kind == 'R' && ours(from)) moment("rename", from, 0);
  int result = call(from, to);
  if (!result && ours(from)) put(kind, from, 0, 0, to, strlen(to));
  if (kind == 'R' && ours(from)) moment("rename", from, 1);
  return result;
}
int rename(const char *from, const char *to) { REAL(int, "rename", const char *, const char *); return two('R', from, to, real); }
int link(const char *from, const char *to) { REAL(int, "link", const char *, const char *); return two('L', from, to, real); }
int unlink(const char *path) {
  REAL(int, "unlink", const char *);
  int result = real(path);
  if (!result && ours(path)) put('U', path, 0, 0, NULL, 0);
  return result;
}
