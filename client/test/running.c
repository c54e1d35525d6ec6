/* SPDX-License-Identifier: Apache-2.0 */
#include "running.h"

#include <dirent.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SANITIZER_EXIT "99" /* told apart from the client's own exit statuses */
#define WORDS 32
#define LIFE_LIMIT_S 60 /* as a case of the tests has */
#define END_LIMIT_MS 30000 /* the kernel removes an interface when its turn comes */

static const char *client_program(void) {
  const char *program = getenv("TUNNELDIGGER_CLIENT");
  return program != NULL ? program : "build/client-sanitized";
}

void running_enter(char folder[FOLDER_TEXT]) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0) {
    puts("not root, or no network namespaces here");
    exit(TEST_SKIPPED);
  }
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  CHECK(ioctl(fd, SIOCSIFFLAGS, &request) == 0);
  close(fd);
  strcpy(folder, "/tmp/td-client-XXXXXX");
  CHECK(mkdtemp(folder) != NULL);
}

void running_replace(const char *folder, const char *path, const char *text) {
  char file_path[PATH_TEXT];
  snprintf(file_path, sizeof file_path, "%s/%s", folder, strrchr(path, '/') + 1);
  FILE *file = fopen(file_path, "w");
  fputs(text, file);
  fclose(file);
  if (unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", "none", MS_REC | MS_PRIVATE, "") == 0 &&
      mount(file_path, path, "none", MS_BIND, "") == 0)
    return;
  puts("no mount namespaces here");
  running_leave(folder);
  exit(TEST_SKIPPED);
}

void running_leave(const char *folder) {
  char path[sizeof(struct dirent) + FOLDER_TEXT];
  struct dirent *entry;
  DIR *stream = opendir(folder);
  while ((entry = readdir(stream)) != NULL) {
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    unlink(path); /* what is mounted somewhere goes too: it is mounted in this namespace alone */
  }
  closedir(stream);
  CHECK(rmdir(folder) == 0);
}

static pid_t start(const char *const words[], int output_fd) {
  const char *arguments[WORDS] = {client_program()};
  for (int i = 0; words[i] != NULL; i++) arguments[i + 1] = words[i];
  pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  alarm((unsigned)patient(LIFE_LIMIT_S)); /* a change of its group makes the kernel forget the line before: prctl(2) */
  setenv("ASAN_OPTIONS", "exitcode=" SANITIZER_EXIT, 1);
  setenv("UBSAN_OPTIONS", "exitcode=" SANITIZER_EXIT, 1);
  if (output_fd >= 0) dup2(output_fd, STDOUT_FILENO);
  if (output_fd >= 0) dup2(output_fd, STDERR_FILENO);
  execv(arguments[0], (char *const *)arguments);
  _exit(126);
}

pid_t running_start(const char *const words[]) { return start(words, -1); }

bool running_ended(pid_t pid, int *exit_status) {
  int status;
  if (waitpid(pid, &status, WNOHANG) != pid) return false;
  *exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return true;
}

int running_end(pid_t pid, int signal_number) {
  int exit_status = 0;
  kill(pid, signal_number);
  WAIT_FOR(running_ended(pid, &exit_status), END_LIMIT_MS);
  return exit_status;
}

int running_say(const char *const words[], char *out, size_t capacity) {
  int ends[2], status;
  size_t size = 0;
  ssize_t more;
  CHECK(pipe2(ends, O_CLOEXEC) == 0);
  pid_t pid = start(words, ends[1]);
  close(ends[1]);
  while (size < capacity - 1 && (more = read(ends[0], out + size, capacity - 1 - size)) > 0) size += (size_t)more;
  out[size] = '\0';
  close(ends[0]);
  CHECK(waitpid(pid, &status, 0) == pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
