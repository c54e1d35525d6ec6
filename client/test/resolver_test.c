/* SPDX-License-Identifier: Apache-2.0 */
/* The resolver with libc's own look-ups against a name server of the test's. */
#include "resolver.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"
#include "protocol.h"
#include "running.h"

#define SERVFAIL 2
#define ANSWER_LIMIT_MS 20000 /* well beyond the resolver's own limit */
#define TYPE_A 1
#define TYPE_AAAA 28
#define TYPE_SRV 33

static char folder[FOLDER_TEXT];

/* The name server. */

struct reply {
  uint8_t bytes[1024];
  size_t size;
};

static void add(struct reply *reply, uint16_t type, const void *data, size_t size) {
  uint8_t *at = reply->bytes + reply->size;
  put_u16(reply->bytes + 6, (uint16_t)(get_u16(reply->bytes + 6) + 1));
  put_u16(at, 0xc00c); /* the question's name */
  put_u16(at + 2, type);
  put_u16(at + 4, 1);
  put_u32(at + 6, 0);
  put_u16(at + 10, (uint16_t)size);
  memcpy(at + 12, data, size);
  reply->size += 12 + size;
}

static void add_address(struct reply *reply, uint16_t type, const char *text) {
  uint8_t data[16];
  CHECK(inet_pton(type == TYPE_A ? AF_INET : AF_INET6, text, data) == 1);
  add(reply, type, data, type == TYPE_A ? 4 : 16);
}

static void add_srv(struct reply *reply, uint8_t priority, uint16_t port, const char *name, size_t size) {
  uint8_t data[64] = {0, priority, 0, 1};
  put_u16(data + 4, port);
  memcpy(data + 6, name, size + 1);
  add(reply, TYPE_SRV, data, 6 + size + 1);
}

static bool asks_for(const struct reply *reply, const char *labels) {
  return memcmp(reply->bytes + 12, labels, strlen(labels) + 1) == 0;
}

/* Names of the test, with A and AAAA records alike in number. */
static void fill(struct reply *reply, uint16_t type) {
  bool v6 = type == TYPE_AAAA;
  if (type == TYPE_SRV && asks_for(reply, "\005_mesh\004_udp\007example")) {
    add_srv(reply, 20, 2222, "\004last\007example", 13);
    add_srv(reply, 10, 1111, "\005first\007example", 14);
    add_srv(reply, 15, 3333, "\004none\007example", 13);
  } else if (type == TYPE_SRV && asks_for(reply, "\005_here\004_udp\007example")) {
    add_srv(reply, 10, 8942, "\004here\007example", 13);
  } else if (type == TYPE_SRV && asks_for(reply, "\005_four\004_udp\007example")) {
    add_srv(reply, 10, 8942, "\004four\007example", 13);
  } else if (type == TYPE_SRV) {
    reply->bytes[3] |= 3;
  } else if (asks_for(reply, "\005first\007example")) {
    add_address(reply, type, v6 ? "2001:db8::1" : "192.0.2.1");
  } else if (asks_for(reply, "\004here\007example")) {
    add_address(reply, type, v6 ? "::1" : "127.0.0.1");
  } else if (asks_for(reply, "\004four\007example")) {
    if (!v6) add_address(reply, type, "127.0.0.1");
  } else if (asks_for(reply, "\004last\007example")) {
    add_address(reply, type, v6 ? "2001:db8::2" : "192.0.2.2");
  } else if (asks_for(reply, "\004many\007example")) {
    for (unsigned i = 0; i < 20; i++) {
      char text[32];
      snprintf(text, sizeof text, v6 ? "2001:db8::1:%x" : "192.0.2.%u", i + 100);
      add_address(reply, type, text);
    }
  } else {
    reply->bytes[3] |= 3; /* no such name */
  }
}

static void serve(int fd, uint8_t error) {
  for (;;) {
    struct reply reply;
    struct sockaddr_in from;
    socklen_t from_size = sizeof from;
    ssize_t size = recvfrom(fd, reply.bytes, sizeof reply.bytes, 0, (struct sockaddr *)&from, &from_size);
    if (size < 17) continue;
    reply.size = 12 + strlen((char *)reply.bytes + 12) + 1 + 4;
    uint16_t type = get_u16(reply.bytes + reply.size - 4);
    put_u16(reply.bytes + 2, (uint16_t)(0x8180 | error));
    put_u16(reply.bytes + 6, 0);
    put_u16(reply.bytes + 10, 0); /* without EDNS */
    if (error == 0) fill(&reply, type);
    (void)!sendto(fd, reply.bytes, reply.size, 0, (struct sockaddr *)&from, from_size);
  }
}

static int server_socket(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(53)};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
  return fd;
}

static pid_t start_server(uint8_t error) {
  int fd = server_socket();
  pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    serve(fd, error);
  }
  close(fd);
  return pid;
}

static void stop_server(pid_t pid) {
  kill(pid, SIGKILL);
  CHECK(waitpid(pid, NULL, 0) == pid);
}

/* The test's namespace asks the test's server. */
static void enter(void) {
  running_enter(folder);
  running_replace(folder, "/etc/resolv.conf", "nameserver 127.0.0.1\n");
}

static void leave(void) { running_leave(folder); }

/* The resolver. */

static struct broker_name host(const char *name) {
  struct broker_name broker = {.service = "8942"};
  strcpy(broker.host, name);
  return broker;
}

/* Reads to the end; returns how many addresses came. */
static unsigned read_all(struct resolver *resolver, struct endpoint *out, int limit_ms) {
  unsigned count = 0;
  while (resolver->fd >= 0) {
    struct endpoint found[ADDRESSES_PER_NAME];
    struct pollfd watched = {.fd = resolver->fd, .events = POLLIN};
    CHECK(poll(&watched, 1, limit_ms) == 1);
    unsigned more = resolver_read(resolver, found);
    memcpy(out + count, found, more * sizeof *out);
    count += more;
    CHECK(count <= ADDRESSES_PER_NAME);
  }
  int status;
  CHECK(waitpid(resolver->pid, &status, 0) == resolver->pid);
  resolver_reaped(resolver, resolver->pid);
  return count;
}

static unsigned resolve(struct resolver *resolver, const struct broker_name *name, struct endpoint *out, int limit_ms) {
  CHECK_EQUAL(resolver_start(resolver, name, out), 0);
  CHECK(resolver->fd >= 0);
  return read_all(resolver, out, limit_ms);
}

static bool is(const struct endpoint *endpoint, const char *text) {
  char actual[ENDPOINT_TEXT];
  return strcmp(endpoint_text(endpoint, actual), text) == 0;
}

static unsigned count_of(const struct endpoint *list, unsigned count, const char *text) {
  unsigned times = 0;
  for (unsigned i = 0; i < count; i++) times += is(&list[i], text);
  return times;
}

static void numbers_need_no_child(void) {
  struct resolver resolver = {.fd = -1};
  struct endpoint found[ADDRESSES_PER_NAME];
  struct broker_name name = host("2001:db8::1");
  CHECK_EQUAL(resolver_start(&resolver, &name, found), 1);
  CHECK(is(&found[0], "[2001:db8::1]:8942") && resolver.fd == -1);
  name = host("192.0.2.1");
  strcpy(name.service, "domain");
  CHECK_EQUAL(resolver_start(&resolver, &name, found), 1);
  CHECK(is(&found[0], "192.0.2.1:53") && resolver.fd == -1);
}

static void both_families_in_turn(void) {
  struct resolver resolver = {.fd = -1};
  struct endpoint found[ADDRESSES_PER_NAME];
  struct broker_name name = host("first.example");
  enter();
  start_server(0);
  CHECK_EQUAL(resolve(&resolver, &name, found, ANSWER_LIMIT_MS), 2);
  CHECK(count_of(found, 2, "192.0.2.1:8942") == 1 && count_of(found, 2, "[2001:db8::1]:8942") == 1);
  name = host("many.example");
  CHECK_EQUAL(resolve(&resolver, &name, found, ANSWER_LIMIT_MS), ADDRESSES_PER_NAME);
  for (unsigned i = 1; i < ADDRESSES_PER_NAME; i++) CHECK(endpoint_is_v6(&found[i]) != endpoint_is_v6(&found[i - 1]));
  leave();
}

static void srv_targets_by_priority(void) {
  struct resolver resolver = {.fd = -1};
  struct endpoint found[ADDRESSES_PER_NAME];
  struct broker_name name = {.host = "_mesh._udp.example", .srv = true};
  enter();
  start_server(0);
  CHECK_EQUAL(resolve(&resolver, &name, found, ANSWER_LIMIT_MS), 4); /* one target has no address */
  CHECK(count_of(found, 2, "192.0.2.1:1111") == 1 && count_of(found, 2, "[2001:db8::1]:1111") == 1);
  CHECK(count_of(found + 2, 2, "192.0.2.2:2222") == 1 && count_of(found + 2, 2, "[2001:db8::2]:2222") == 1);
  strcpy(name.host, "_other._udp.example");
  resolver = (struct resolver){.fd = -1};
  CHECK_EQUAL(resolve(&resolver, &name, found, ANSWER_LIMIT_MS), 0);
  leave();
}

static void known_addresses_when_the_server_fails(void) {
  struct resolver resolver = {.fd = -1};
  struct endpoint found[ADDRESSES_PER_NAME];
  struct broker_name name = host("first.example");
  enter();
  pid_t server = start_server(SERVFAIL);
  CHECK_EQUAL(resolve(&resolver, &name, found, ANSWER_LIMIT_MS), 0); /* nothing known yet */
  stop_server(server);
  server = start_server(0);
  CHECK_EQUAL(resolve(&resolver, &name, found, ANSWER_LIMIT_MS), 2);
  stop_server(server);
  start_server(SERVFAIL);
  for (int i = 0; i < 2; i++) {
    memset(found, 0, sizeof found);
    CHECK_EQUAL(resolve(&resolver, &name, found, ANSWER_LIMIT_MS), 2);
    CHECK_EQUAL(count_of(found, 2, "192.0.2.1:8942"), 1);
  }
  leave();
}

/* A server that takes questions and answers none. */
static void a_dead_server_is_waited_for_no_longer_than_the_limit(void) {
  struct resolver resolver = {.fd = -1};
  struct endpoint found[ADDRESSES_PER_NAME];
  struct broker_name name = host("first.example");
  enter();
  pid_t server = start_server(0);
  CHECK_EQUAL(resolve(&resolver, &name, found, ANSWER_LIMIT_MS), 2);
  stop_server(server);
  int silent = server_socket();
  int64_t started_ms = process_now_ms();
  CHECK_EQUAL(resolver_start(&resolver, &name, found), 0);
  CHECK(process_now_ms() - started_ms < 2000); /* the caller goes on at once */
  CHECK_EQUAL(resolver_late(&resolver, found), 2);
  CHECK_EQUAL(count_of(found, 2, "192.0.2.1:8942"), 1);
  CHECK_EQUAL(resolver_late(&resolver, found), 0); /* once */
  CHECK_EQUAL(read_all(&resolver, found, RESOLVER_LIMIT_S * 1000 + 30000), 0);
  close(silent);
  leave();
}

static void cancelled_means_gone(void) {
  struct resolver resolver = {.fd = -1};
  struct endpoint found[ADDRESSES_PER_NAME];
  struct broker_name name = host("first.example");
  int status;
  enter();
  int silent = server_socket();
  CHECK_EQUAL(resolver_start(&resolver, &name, found), 0);
  pid_t pid = resolver.pid;
  resolver_cancel(&resolver);
  CHECK(resolver.fd == -1);
  CHECK(waitpid(pid, &status, 0) == pid);
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  close(silent);
  leave();
}

static struct endpoint numbered(unsigned number) {
  return (struct endpoint){.v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(number)}};
}

/* A child that tells only these. */
static void tell(struct resolver *resolver, const unsigned *numbers, unsigned count) {
  struct endpoint found[ADDRESSES_PER_NAME];
  int ends[2];
  CHECK(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
  for (unsigned i = 0; i < count; i++) {
    struct endpoint address = numbered(numbers[i]);
    CHECK(write(ends[1], &address, sizeof address) == sizeof address);
  }
  resolver->fd = ends[0];
  resolver->heard = 0;
  CHECK_EQUAL(resolver_read(resolver, found), count);
  close(ends[1]);
}

static bool knows(const struct resolver *resolver, const unsigned *numbers, unsigned count) {
  if (resolver->known_count != count) return false;
  for (unsigned i = 0; i < count; i++) {
    bool found = false;
    struct endpoint address = numbered(numbers[i]);
    for (unsigned k = 0; k < count; k++) found = found || endpoint_equal(&resolver->known[k], &address);
    if (!found) return false;
  }
  return true;
}

/* What a look-up that is cut short has not come to stays known; a complete answer replaces all. */
static void half_an_answer_forgets_nothing(void) {
  struct resolver resolver = {.fd = -1};
  struct endpoint found[ADDRESSES_PER_NAME];
  unsigned many[ADDRESSES_PER_NAME];
  tell(&resolver, (const unsigned[]){1, 2, 3}, 3);
  CHECK_EQUAL(resolver_read(&resolver, found), 0);
  CHECK(knows(&resolver, (const unsigned[]){1, 2, 3}, 3));
  for (int i = 0; i < 20; i++) {
    tell(&resolver, (const unsigned[]){2, 4}, 2);
    resolver_cancel(&resolver);
    CHECK(knows(&resolver, (const unsigned[]){1, 2, 3, 4}, 4));
    struct endpoint first = numbered(2);
    CHECK(endpoint_equal(&resolver.known[0], &first));
  }
  for (unsigned i = 0; i < ADDRESSES_PER_NAME; i++) many[i] = 100 + i;
  tell(&resolver, many, ADDRESSES_PER_NAME);
  resolver_cancel(&resolver);
  CHECK(knows(&resolver, many, ADDRESSES_PER_NAME));
  tell(&resolver, (const unsigned[]){7}, 1);
  resolver_cancel(&resolver);
  CHECK_EQUAL(resolver.known_count, ADDRESSES_PER_NAME);
  tell(&resolver, (const unsigned[]){5, 2}, 2);
  CHECK_EQUAL(resolver_read(&resolver, found), 0);
  CHECK(knows(&resolver, (const unsigned[]){5, 2}, 2));
}

/* An answer that came later than the known ones were taken replaces them for the next time. */
static void a_late_answer_counts(void) {
  struct resolver resolver = {.fd = -1, .known_count = 1};
  struct endpoint found[ADDRESSES_PER_NAME];
  struct broker_name name = host("first.example");
  enter();
  start_server(0);
  CHECK_EQUAL(resolver_start(&resolver, &name, found), 0);
  CHECK_EQUAL(resolver_late(&resolver, found), 1);
  CHECK_EQUAL(read_all(&resolver, found, ANSWER_LIMIT_MS), 2);
  CHECK_EQUAL(resolver.known_count, 2);
  CHECK_EQUAL(count_of(resolver.known, 2, "192.0.2.1:8942"), 1);
  leave();
}

/* The whole client. */

static void a_client_finds_its_broker_by_srv(void) {
  struct peer peer;
  enter();
  start_server(0);
  peer_open(&peer, true, 8942);
  pid_t client = running_start((const char *[]){"-u", "u", "-i", "td0", "--srv", "_here._udp.example", "--datapath", "tap", NULL});
  CHECK(peer_wait_for(&peer, MESSAGE_USAGE, 5000));
  CHECK_EQUAL(running_end(client, SIGTERM), 1);
  leave();
}

static void accept_client(struct peer *peer) {
  peer_send_u16(peer, MESSAGE_USAGE, 10);
  CHECK(peer_wait_for(peer, MESSAGE_COOKIE, 5000));
  peer_send(peer, MESSAGE_COOKIE, "12345678", 8);
  CHECK(peer_wait_for(peer, MESSAGE_PREPARE, 5000));
  peer_send_tunnel(peer, 100, true);
  CHECK(peer_wait_for(peer, MESSAGE_KEEPALIVE, 15000));
}

/* The tunnel goes, and with it the name server: what it once said leads back, before the selection's window is over. */
static void a_client_returns_without_its_server(void) {
  struct peer peer;
  enter();
  pid_t server = start_server(0);
  peer_open(&peer, false, 8942);
  pid_t client = running_start((const char *[]){"-u", "u", "-i", "td0", "--srv", "_four._udp.example", "--datapath", "tap", NULL});
  for (int i = 0; i < 2; i++) {
    CHECK(peer_wait_for(&peer, MESSAGE_USAGE, RESOLVER_LIMIT_S * 1000 - 500)); /* known addresses come in after 5 s */
    accept_client(&peer);
    if (i > 0) break;
    stop_server(server);
    server = -1;
    CHECK(server_socket() >= 0); /* questions vanish there */
    peer_send(&peer, MESSAGE_ERROR, NULL, 0);
  }
  CHECK_EQUAL(running_end(client, SIGTERM), 1);
  leave();
}

/* A name that nobody answers for delays neither the handshake with the other broker nor its keepalives. */
static void a_dead_server_delays_no_tunnel(void) {
  struct peer peer;
  enter();
  int silent = server_socket();
  peer_open(&peer, false, 8942);
  pid_t client = running_start((const char *[]){"-u", "u", "-i", "td0", "--srv", "_here._udp.example", "-b", "first.example:1",
                                                "-b", "127.0.0.1:8942", "--datapath", "tap", NULL});
  CHECK(peer_wait_for(&peer, MESSAGE_USAGE, RESOLVER_LIMIT_S * 1000 / 2));
  accept_client(&peer);
  CHECK_EQUAL(running_end(client, SIGTERM), 1);
  close(silent);
  leave();
}

const struct test_case resolver_cases[] = {
    {"resolver: numbers need no child", numbers_need_no_child},
    {"resolver: both families in turn", both_families_in_turn},
    {"resolver: SRV targets by priority", srv_targets_by_priority},
    {"resolver: known addresses when the server fails", known_addresses_when_the_server_fails},
    {"resolver: a dead server and the limit", a_dead_server_is_waited_for_no_longer_than_the_limit},
    {"resolver: cancelled means gone", cancelled_means_gone},
    {"resolver: half an answer forgets nothing", half_an_answer_forgets_nothing},
    {"resolver: a late answer counts", a_late_answer_counts},
    {"resolver: a client finds its broker by SRV", a_client_finds_its_broker_by_srv},
    {"resolver: a client returns without its server", a_client_returns_without_its_server},
    {"resolver: a dead server delays no tunnel", a_dead_server_delays_no_tunnel},
    {NULL, NULL},
};
