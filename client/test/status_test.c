/* SPDX-License-Identifier: Apache-2.0 */
/* What others see of a client that runs: --status, the pidfile, its group. */
#include "status.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "peer.h"
#include "running.h"

#define BROKER_PORT 8942
#define INTERFACE "td\"e\\0" /* to be escaped in JSON */

struct world {
  struct peer peer;
  pid_t client;
  char folder[FOLDER_TEXT], socket[PATH_TEXT], pidfile[PATH_TEXT];
};

static void make_world(struct world *world) {
  memset(world, 0, sizeof *world);
  running_enter(world->folder);
  snprintf(world->socket, sizeof world->socket, "%s/socket", world->folder);
  snprintf(world->pidfile, sizeof world->pidfile, "%s/pid", world->folder);
  peer_open(&world->peer, false, BROKER_PORT);
}

static pid_t start_beside(const struct world *world, const char *interface, const char *extra, const char *value) {
  return running_start((const char *[]){"-u", "router", "-i", interface, "-b", "127.0.0.1:8942", "--datapath", "tap",
                                        "--status-socket", world->socket, extra, value, NULL});
}

/* Returns when it looks for a broker: everything else is in place then. */
static void start(struct world *world, const char *extra, const char *value) {
  world->client = start_beside(world, INTERFACE, extra, value);
  CHECK(peer_wait_for(&world->peer, MESSAGE_USAGE, 5000));
}

static void bring_up(struct world *world) {
  peer_send_u16(&world->peer, MESSAGE_USAGE, 10);
  CHECK(peer_wait_for(&world->peer, MESSAGE_COOKIE, 1000));
  peer_send(&world->peer, MESSAGE_COOKIE, "12345678", 8);
  CHECK(peer_wait_for(&world->peer, MESSAGE_PREPARE, 1000));
  peer_send_tunnel(&world->peer, 100, true);
  CHECK(peer_wait_for(&world->peer, MESSAGE_KEEPALIVE, 15000));
}

static int ask(const struct world *world, const char *form, char out[1024]) {
  return running_say((const char *[]){"--status", "--status-socket", world->socket, form, NULL}, out, 1024);
}

static void end(struct world *world) {
  CHECK_EQUAL(running_end(world->client, SIGTERM), 1);
  running_leave(world->folder);
}

static bool exists(const char *path) { return access(path, F_OK) == 0; }

static void without_a_tunnel(void) {
  struct world world;
  char answer[1024];
  make_world(&world);
  start(&world, NULL, NULL);
  CHECK_EQUAL(ask(&world, NULL, answer), STATUS_NO_TUNNEL);
  CHECK(strstr(answer, "state: selecting\nbroker: \ninterface: " INTERFACE "\nmtu: 0\nuptime_seconds: 0\n") == answer);
  CHECK_EQUAL(ask(&world, "--json", answer), STATUS_NO_TUNNEL);
  CHECK(strstr(answer, "{\"state\":\"selecting\",\"broker\":\"\",\"interface\":\"td\\\"e\\\\0\",\"mtu\":0,") == answer);
  CHECK(strcmp(answer + strlen(answer) - 2, "}\n") == 0);
  end(&world);
}

static void with_a_tunnel(void) {
  struct world world;
  char answer[1024];
  make_world(&world);
  start(&world, NULL, NULL);
  bring_up(&world);
  CHECK_EQUAL(ask(&world, NULL, answer), STATUS_UP);
  CHECK(strstr(answer, "state: up\nbroker: 127.0.0.1:8942\ninterface: " INTERFACE "\n") == answer);
  CHECK(strstr(answer, "\ntunnels: 1\nfailures: 0\n") != NULL);
  CHECK_EQUAL(ask(&world, "--json", answer), STATUS_UP);
  unsigned mtu, sent, received;
  CHECK(sscanf(strstr(answer, "\"mtu\""), "\"mtu\":%u", &mtu) == 1 && mtu >= 1280 && mtu <= 1446);
  CHECK(sscanf(strstr(answer, "\"sent\""), "\"sent\":%u,\"received\":%u}", &sent, &received) == 2);
  CHECK(sent >= 3 && received >= 2); /* COOKIE, PREPARE, KEEPALIVE; COOKIE, TUNNEL */
  end(&world);
}

static void nobody_there(void) {
  struct world world;
  char answer[1024];
  make_world(&world);
  CHECK_EQUAL(ask(&world, NULL, answer), STATUS_NOBODY);
  CHECK(strstr(answer, world.socket) != NULL);
  CHECK_EQUAL(running_say((const char *[]){"--status", NULL}, answer, sizeof answer), 1);
  CHECK(strstr(answer, "--interface") != NULL);
  running_leave(world.folder);
}

static int listen_there(const struct world *world) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  strcpy(address.sun_path, world->socket);
  CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1) == 0);
  return fd;
}

/* Somebody listens and says nothing. */
static void one_that_hangs(void) {
  struct world world;
  char answer[1024];
  make_world(&world);
  int fd = listen_there(&world);
  CHECK_EQUAL(ask(&world, NULL, answer), STATUS_NOBODY);
  close(fd);
  running_leave(world.folder);
}

static void the_default_path(void) {
  struct world world;
  char answer[1024], interface[16], path[PATH_TEXT];
  make_world(&world);
  snprintf(interface, sizeof interface, "td-%u", (unsigned)getpid());
  snprintf(path, sizeof path, "/var/run/tunneldigger.%s.sock", interface);
  world.client = running_start((const char *[]){"-u", "u", "-i", interface, "-b", "127.0.0.1:8942", "--datapath", "tap", NULL});
  CHECK(peer_wait_for(&world.peer, MESSAGE_USAGE, 5000));
  CHECK_EQUAL(running_say((const char *[]){"--status", "-i", interface, NULL}, answer, sizeof answer), STATUS_NO_TUNNEL);
  end(&world);
  CHECK(!exists(path));
}

static void the_socket_file(void) {
  struct world world;
  struct stat found;
  char answer[1024];
  make_world(&world);
  umask(0);
  start(&world, NULL, NULL);
  CHECK(lstat(world.socket, &found) == 0 && S_ISSOCK(found.st_mode));
  CHECK_EQUAL(found.st_mode & 07777, 0600);
  CHECK_EQUAL(running_end(world.client, SIGKILL), -1);
  CHECK(exists(world.socket)); /* left over, and replaced */
  CHECK_EQUAL(ask(&world, NULL, answer), STATUS_NOBODY);
  start(&world, NULL, NULL);
  CHECK_EQUAL(ask(&world, NULL, answer), STATUS_NO_TUNNEL);
  CHECK_EQUAL(running_end(world.client, SIGTERM), 1);
  CHECK(!exists(world.socket));
  running_leave(world.folder);
}

static void one_in_use_is_left_alone(void) {
  struct world world;
  char answer[1024];
  make_world(&world);
  start(&world, NULL, NULL);
  pid_t other = start_beside(&world, "td-other", NULL, NULL);
  CHECK(peer_wait_for(&world.peer, MESSAGE_USAGE, 1000)); /* that one works all the same */
  CHECK_EQUAL(running_end(other, SIGTERM), 1);
  CHECK_EQUAL(ask(&world, NULL, answer), STATUS_NO_TUNNEL);
  CHECK(strstr(answer, INTERFACE) != NULL);
  end(&world);
}

/* As when a client is started anew while the one before waits for its last hook. */
static void the_name_is_taken_over_when_it_is_free(void) {
  struct world world;
  char answer[1024];
  make_world(&world);
  start(&world, NULL, NULL);
  pid_t other = start_beside(&world, "td-other", NULL, NULL);
  CHECK(peer_wait_for(&world.peer, MESSAGE_USAGE, 5000));
  CHECK_EQUAL(running_end(world.client, SIGTERM), 1);
  WAIT_FOR(ask(&world, NULL, answer) == STATUS_NO_TUNNEL, 20000);
  CHECK(strstr(answer, "td-other") != NULL);
  world.client = other;
  end(&world);
}

static void anothers_is_left_at_exit(void) {
  struct world world;
  make_world(&world);
  start(&world, NULL, NULL);
  CHECK(rename(world.socket, world.pidfile) == 0); /* so that its inode is not given out again */
  int fd = listen_there(&world);
  CHECK_EQUAL(running_end(world.client, SIGTERM), 1);
  CHECK(exists(world.socket));
  close(fd);
  running_leave(world.folder);
}

static void what_is_no_socket_is_left_alone(void) {
  struct world world;
  struct stat found;
  make_world(&world);
  close(open(world.socket, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
  start(&world, NULL, NULL);
  CHECK_EQUAL(running_end(world.client, SIGTERM), 1);
  CHECK(lstat(world.socket, &found) == 0 && S_ISREG(found.st_mode));
  running_leave(world.folder);
}

static int connect_to(const struct world *world) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  strcpy(address.sun_path, world->socket);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
  CHECK_EQUAL(errno, EAGAIN); /* the queue is full */
  close(fd);
  return -1;
}

/* Many that connect, talk, never read and never go: the tunnel lives on, and the next one is answered. */
static void those_that_behave_badly(void) {
  struct world world;
  char answer[1024], rubbish[65536];
  int held = 0;
  make_world(&world);
  memset(rubbish, 'x', sizeof rubbish);
  start(&world, NULL, NULL);
  bring_up(&world);
  for (int64_t until_ms = process_now_ms() + 10000; held < 500 && process_now_ms() < until_ms;) {
    int fd = connect_to(&world);
    if (fd < 0) continue;
    (void)!send(fd, rubbish, sizeof rubbish, MSG_NOSIGNAL | MSG_DONTWAIT);
    held++;
  }
  CHECK_EQUAL(held, 500);
  peer_drain(&world.peer);
  CHECK(peer_wait_for(&world.peer, MESSAGE_KEEPALIVE, 15000));
  CHECK_EQUAL(ask(&world, NULL, answer), STATUS_UP);
  end(&world);
}

/* Pidfile. */

static long read_pid(const char *path) {
  long pid = 0;
  FILE *file = fopen(path, "r");
  if (file == NULL) return 0;
  if (fscanf(file, "%ld", &pid) != 1) pid = -1;
  fclose(file);
  return pid;
}

static void write_text(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  fputs(text, file);
  fclose(file);
}

static void a_pidfile(void) {
  struct world world;
  make_world(&world);
  start(&world, "-P", world.pidfile);
  CHECK_EQUAL(read_pid(world.pidfile), world.client);
  CHECK_EQUAL(running_end(world.client, SIGKILL), -1);
  CHECK_EQUAL(read_pid(world.pidfile), world.client); /* left over, and replaced */
  start(&world, "--pidfile", world.pidfile);
  CHECK_EQUAL(read_pid(world.pidfile), world.client);
  CHECK_EQUAL(running_end(world.client, SIGTERM), 1);
  CHECK(!exists(world.pidfile));
  running_leave(world.folder);
}

static void a_pidfile_of_another(void) {
  struct world world;
  make_world(&world);
  start(&world, "-P", world.pidfile);
  char other[16]; /* as long as its own */
  snprintf(other, sizeof other, "%d\n", (int)world.client ^ 1);
  write_text(world.pidfile, other);
  CHECK_EQUAL(running_end(world.client, SIGTERM), 1);
  CHECK_EQUAL(read_pid(world.pidfile), (long)world.client ^ 1);
  running_leave(world.folder);
}

static void a_pidfile_that_is_a_link(void) {
  struct world world;
  char target[PATH_TEXT];
  make_world(&world);
  snprintf(target, sizeof target, "%s/precious", world.folder);
  write_text(target, "7\n");
  CHECK(symlink(target, world.pidfile) == 0);
  start(&world, "-P", world.pidfile);
  CHECK_EQUAL(read_pid(world.pidfile), world.client);
  CHECK_EQUAL(read_pid(target), 7);
  end(&world);
}

static void a_pidfile_that_cannot_be_written(void) {
  struct world world;
  make_world(&world);
  start(&world, "-P", "/nowhere/at/all"); /* the tunnel is worth more */
  end(&world);
}

/* Group. */

#define GROUP 54321

static void line_of(pid_t pid, const char *name, char out[256]) {
  char path[PATH_TEXT];
  snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
  FILE *file = fopen(path, "r");
  CHECK(file != NULL);
  while (fgets(out, 256, file) != NULL && strncmp(out, name, strlen(name)) != 0) continue;
  fclose(file);
}

/* How many of its sockets belong to the group, and how many do not. */
static void count_sockets(pid_t pid, unsigned *inside, unsigned *outside) {
  *inside = *outside = 0;
  for (int fd = 3; fd < 64; fd++) {
    char path[PATH_TEXT];
    struct stat found;
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, fd);
    if (stat(path, &found) == 0 && S_ISSOCK(found.st_mode)) *(found.st_gid == GROUP ? inside : outside) += 1;
  }
}

static void a_group_by_number(void) {
  struct world world;
  char line[256], before[256];
  unsigned inside, outside, uid = 1, gids[4] = {0};
  make_world(&world);
  line_of(getpid(), "CapEff:", before);
  CHECK(setgroups(2, (const gid_t[]){1, 2}) == 0); /* to be left */
  start(&world, "--group", "54321");
  line_of(world.client, "Gid:", line);
  CHECK(sscanf(line, "Gid: %u %u %u %u", &gids[0], &gids[1], &gids[2], &gids[3]) == 4);
  for (int i = 0; i < 4; i++) CHECK_EQUAL(gids[i], GROUP);
  line_of(world.client, "Groups:", line);
  CHECK_EQUAL(strspn(line + strlen("Groups:"), " \t\n"), strlen(line + strlen("Groups:"))); /* no others */
  line_of(world.client, "Uid:", line);
  CHECK(sscanf(line, "Uid: %u", &uid) == 1 && uid == 0);
  line_of(world.client, "CapEff:", line);
  CHECK(strcmp(line, before) == 0);
  bring_up(&world); /* it may still make interfaces */
  count_sockets(world.client, &inside, &outside);
  CHECK(inside >= 2 && outside == 0); /* to the broker, and for --status */
  end(&world);
}

/* A firewall's view: every packet to the broker is the group's. */
static void a_group_by_which_packets_are_marked(void) {
  struct world world;
  char text[4096] = "";
  if (system("nft --version > /dev/null 2>&1") != 0) {
    puts("no nft here");
    exit(TEST_SKIPPED);
  }
  make_world(&world);
  if (system("nft 'add table inet td; add chain inet td out { type filter hook output priority 0; };"
             "add rule inet td out udp dport 8942 meta skgid 54321 counter comment \"ours\";"
             "add rule inet td out udp dport 8942 meta skgid != 54321 counter comment \"others\"'") != 0) {
    puts("nft does not work here");
    running_leave(world.folder);
    exit(TEST_SKIPPED);
  }
  start(&world, "--group", "54321");
  bring_up(&world);
  FILE *rules = popen("nft list table inet td", "r");
  CHECK(fread(text, 1, sizeof text - 1, rules) > 0);
  pclose(rules);
  unsigned ours = 0, others = 1;
  CHECK(sscanf(strstr(text, "skgid 54321 counter"), "skgid 54321 counter packets %u", &ours) == 1 && ours > 0);
  CHECK(sscanf(strstr(text, "skgid != 54321 counter"), "skgid != 54321 counter packets %u", &others) == 1);
  CHECK_EQUAL(others, 0);
  end(&world);
}

static void a_group_by_name(void) {
  struct world world;
  char line[256];
  unsigned gid = 0;
  make_world(&world);
  running_replace(world.folder, "/etc/group", "mesh-a:x:11:\n\n# mesh:x:12:\nmesh2:x:13:\nmesh:x:14:root,daemon\nmesh:x:15:\n");
  start(&world, "--group", "mesh");
  line_of(world.client, "Gid:", line);
  CHECK(sscanf(line, "Gid: %u", &gid) == 1 && gid == 14);
  end(&world);
}

static void a_group_that_is_none(void) {
  struct world world;
  char answer[1024];
  static const char *const groups[] = {"no-such-group", "4294967295", "4294967296", "99999999999999999999", "12x", "-1",
                                       "full",          "short",      "none",       "big",                  "last", "esh"};
  make_world(&world);
  running_replace(world.folder, "/etc/group", "mesh:x:14:\nfull\nshort:x\nnone:x::\nbig:x:4294967296:\nlast:x:17");
  for (unsigned i = 0; i < sizeof groups / sizeof *groups; i++) {
    CHECK_EQUAL(running_say((const char *[]){"-u", "u", "-i", "td0", "-b", "h:1", "-f", "--group", groups[i], NULL}, answer,
                            sizeof answer),
                1);
    CHECK(strstr(answer, groups[i]) != NULL);
  }
  running_leave(world.folder);
}

const struct test_case status_cases[] = {
    {"status: without a tunnel", without_a_tunnel},
    {"status: with a tunnel", with_a_tunnel},
    {"status: nobody there", nobody_there},
    {"status: one that hangs", one_that_hangs},
    {"status: the default path", the_default_path},
    {"status: the socket's file", the_socket_file},
    {"status: a socket in use is left alone", one_in_use_is_left_alone},
    {"status: a name that becomes free is taken over", the_name_is_taken_over_when_it_is_free},
    {"status: another's socket is left at exit", anothers_is_left_at_exit},
    {"status: what is no socket is left alone", what_is_no_socket_is_left_alone},
    {"status: those that behave badly", those_that_behave_badly},
    {"pidfile: written, replaced, removed", a_pidfile},
    {"pidfile: another's is left", a_pidfile_of_another},
    {"pidfile: no link is followed", a_pidfile_that_is_a_link},
    {"pidfile: one that cannot be written", a_pidfile_that_cannot_be_written},
    {"group: by number, with root's capabilities", a_group_by_number},
    {"group: by which packets are marked", a_group_by_which_packets_are_marked},
    {"group: by name", a_group_by_name},
    {"group: one that is none", a_group_that_is_none},
    {NULL, NULL},
};
