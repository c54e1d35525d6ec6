/* SPDX-License-Identifier: Apache-2.0
 * crowd ADDRESS PORT COUNT [AT_A_TIME]: so many routers that know the protocol (IPv4) and have no interfaces, each with a socket of its
 * own. They ask for tunnels, AT_A_TIME of them at once (all, if it is not given), and keep them: probes are acknowledged, keepalives
 * sent. It takes little of the processors, so that what is measured is the broker; bench/load can more, and costs a JVM.
 *
 * Prints `asking SECONDS`, the time since the epoch when it begins; `standing SECONDS` when all have a tunnel; then `sessions-rate` a
 * second, and `sessions-handshake-p50` and `-p99` in milliseconds, from a router's COOKIE to its TUNNEL. Ends by a signal, or with who
 * started it; with status 1 when nothing came for a minute. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "protocol.h"

/* Asks again as the router client does (client/src/session.h). */
enum { ASK_AGAIN_MS = 3000, KEEPALIVE_MS = 5000, TICK_MS = 100, PATIENCE_MS = 60000, BATCH = 64, TUNNEL_ID = 1 };

struct router {
	int fd;
	bool asking, standing;
	double asked_ms, due_ms, took_ms;
};

static struct router *routers;
static int count, at_a_time, begun, standing;

static double clock_ms(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static double now_ms(void) { return clock_ms(CLOCK_MONOTONIC); }

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* A packet that is not sent is one that got lost. */
static void say(const struct router *router, const uint8_t *packet, size_t size)
{
	(void)!send(router->fd, packet, size, MSG_DONTWAIT);
}

static void ask(struct router *router)
{
	uint8_t packet[MAXIMUM_PACKET];

	if (!router->asking)
		router->asked_ms = now_ms();
	router->asking = true;
	router->due_ms = now_ms() + ASK_AGAIN_MS;
	say(router, packet, encode_cookie_request(packet));
}

static void ask_next(void)
{
	while (begun < count && begun - standing < at_a_time)
		ask(&routers[begun++]);
}

static void stand(struct router *router)
{
	if (router->standing)
		return;
	router->standing = true;
	router->took_ms = now_ms() - router->asked_ms;
	router->due_ms = now_ms() + KEEPALIVE_MS;
	standing++;
	ask_next();
}

static void answer(struct router *router, const struct message *message, size_t size)
{
	uint8_t packet[MAXIMUM_PACKET];
	char uuid[32];

	if (message->type == MESSAGE_COOKIE && !router->standing) {
		snprintf(uuid, sizeof uuid, "crowd-%d", (int)(router - routers));
		say(router, packet, encode_prepare(packet, message->payload, uuid, TUNNEL_ID, FEATURE_UNIQUE_SESSION_ID));
	} else if (message->type == MESSAGE_TUNNEL) {
		stand(router);
	} else if (message->type == MESSAGE_PMTUD) {
		say(router, packet, encode_u16(packet, MESSAGE_PMTUD_ACK, (uint16_t)size));
	} else if (message->type == MESSAGE_ERROR && router->standing) {
		fprintf(stderr, "crowd: the broker ended a tunnel\n");
		exit(1);
	}
}

static void tick(void)
{
	uint8_t packet[MAXIMUM_PACKET];
	double time = now_ms();

	for (struct router *router = routers; router < routers + begun; router++) {
		if (time < router->due_ms)
			continue;
		if (!router->standing) {
			ask(router);
			continue;
		}
		say(router, packet, encode_keepalive(packet, 0));
		router->due_ms = time + KEEPALIVE_MS;
	}
}

static int by_time(const void *one, const void *other)
{
	double first = ((const struct router *)one)->took_ms, second = ((const struct router *)other)->took_ms;

	return (first > second) - (first < second);
}

/* Sorts copies: who waits for packets is known by its place. */
static void report(double took_ms)
{
	struct router *sorted = malloc((size_t)count * sizeof *sorted);

	if (sorted == NULL)
		die("malloc");
	memcpy(sorted, routers, (size_t)count * sizeof *sorted);
	qsort(sorted, (size_t)count, sizeof *sorted, by_time);
	printf("standing %.6f\n", clock_ms(CLOCK_REALTIME) / 1e3);
	printf("sessions-rate %.1f /s\n", count * 1e3 / took_ms);
	printf("sessions-handshake-p50 %.3f ms\n", sorted[(count - 1) / 2].took_ms);
	printf("sessions-handshake-p99 %.3f ms\n", sorted[(count - 1) * 99 / 100].took_ms);
	fflush(stdout);
	free(sorted);
}

static void connect_all(const struct sockaddr_in *broker, int polled)
{
	for (int i = 0; i < count; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = &routers[i]};
		int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		routers[i].fd = fd;
		if (fd < 0 || connect(fd, (const struct sockaddr *)broker, sizeof *broker) < 0 ||
		    epoll_ctl(polled, EPOLL_CTL_ADD, fd, &event) < 0)
			die("crowd: a router's socket");
	}
}

static void receive(struct router *router)
{
	uint8_t packet[MAXIMUM_PACKET];
	struct message message;
	ssize_t size = recv(router->fd, packet, sizeof packet, MSG_DONTWAIT);

	if (size >= 0 && message_decode(packet, (size_t)size, &message) == DECODE_OK)
		answer(router, &message, (size_t)size);
}

static void live(int polled)
{
	struct epoll_event events[BATCH];
	double began_ms = now_ms(), heard_ms = began_ms, ticked_ms = began_ms;
	bool reported = false;

	printf("asking %.6f\n", clock_ms(CLOCK_REALTIME) / 1e3);
	fflush(stdout);
	for (ask_next();;) {
		int ready = epoll_wait(polled, events, BATCH, TICK_MS);

		for (int i = 0; i < ready; i++)
			receive(events[i].data.ptr);
		if (standing == count && !reported) {
			report(now_ms() - began_ms);
			reported = true;
		}
		if (ready > 0)
			heard_ms = now_ms();
		if (now_ms() - heard_ms > PATIENCE_MS) {
			fprintf(stderr, "crowd: nothing came for a minute, %d of %d have a tunnel\n", standing, count);
			exit(1);
		}
		if (now_ms() - ticked_ms >= TICK_MS) {
			ticked_ms = now_ms();
			tick();
		}
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in broker = {.sin_family = AF_INET};
	struct rlimit files = {0};
	int polled = epoll_create1(EPOLL_CLOEXEC);

	if (argc < 4 || argc > 5 || inet_pton(AF_INET, argv[1], &broker.sin_addr) != 1 || (count = atoi(argv[3])) < 1) {
		fprintf(stderr, "usage: crowd ADDRESS PORT COUNT [AT_A_TIME]\n");
		return 2;
	}
	broker.sin_port = htons((unsigned short)atoi(argv[2]));
	at_a_time = argc > 4 ? atoi(argv[4]) : count;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	files.rlim_cur = files.rlim_max = (rlim_t)count + 64;
	setrlimit(RLIMIT_NOFILE, &files);
	routers = calloc((size_t)count, sizeof *routers);
	if (routers == NULL || polled < 0)
		die("crowd");
	connect_all(&broker, polled);
	live(polled);
}
