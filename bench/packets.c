/* SPDX-License-Identifier: Apache-2.0
 * How many small packets a second pass a path (IPv4): 18 bytes of UDP payload are a frame of 64 bytes with its check sum.
 *
 * packets take PORT: counts what comes and answers how many there were, to who asks. Ends by a signal.
 * packets send ADDRESS PORT MILLISECONDS: sends at 4 000 a second for so long, and again ever faster until a fifth is lost, then as
 * fast as it can; prints the highest rate of arrival, and the rate that it sent at then (0: as fast as it can).
 *
 * Many packets a call at both ends, so that the path has the processors. A question waits behind the packets before it, and the time
 * counts until its answer: what is still in a queue is not lost, and not free either. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { PAYLOAD = 18, BATCH = 64, TICK_NANOS = 1000000, PATIENCE_TICKS = 5000, ASKING = '?' };

static char payload[BATCH][PAYLOAD];
static struct iovec parts[BATCH];
static struct mmsghdr batch[BATCH];

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void sleep_until(uint64_t nanos)
{
	struct timespec time = {(time_t)(nanos / 1000000000), (long)(nanos % 1000000000)};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR)
		;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void prepare(void)
{
	for (int i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){payload[i], PAYLOAD};
		batch[i].msg_hdr.msg_iov = &parts[i];
		batch[i].msg_hdr.msg_iovlen = 1;
	}
}

static _Noreturn void take(int fd, struct sockaddr_in *here)
{
	struct sockaddr_in peers[BATCH];
	uint64_t count = 0;
	int room = 8 << 20;

	/* As root beyond what the system allows: what is lost is to be lost on the path. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
	if (bind(fd, (struct sockaddr *)here, sizeof *here) < 0)
		die("bind");
	for (int i = 0; i < BATCH; i++)
		batch[i].msg_hdr.msg_name = &peers[i];
	puts("ready");
	fflush(stdout);
	for (;;) {
		int got;

		for (int i = 0; i < BATCH; i++)
			batch[i].msg_hdr.msg_namelen = sizeof peers[i];
		got = recvmmsg(fd, batch, BATCH, MSG_WAITFORONE, NULL);
		for (int i = 0; i < got; i++) {
			if (payload[i][0] == ASKING)
				sendto(fd, &count, sizeof count, 0, (struct sockaddr *)&peers[i], sizeof peers[i]);
			else
				count++;
		}
	}
}

/* How many have arrived so far. A question may be lost as well: it is repeated each millisecond. */
static uint64_t ask(int fd)
{
	char question[PAYLOAD] = {ASKING};
	uint64_t count, further;

	for (int i = 0; i < PATIENCE_TICKS; i++) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};

		send(fd, question, sizeof question, 0);
		if (poll(&ready, 1, 1) > 0 && recv(fd, &count, sizeof count, 0) == sizeof count) {
			/* Answers to questions before the last one are not to be taken for answers to the next. */
			sleep_until(now() + 20 * TICK_NANOS);
			while (recv(fd, &further, sizeof further, MSG_DONTWAIT) > 0)
				;
			return count;
		}
	}
	errno = ETIMEDOUT;
	die("nobody answers");
	return 0;
}

/* Packets that arrived in a second when so many were sent; 0 sends as fast as it can. */
static double arrivals(int fd, double rate, uint64_t millis)
{
	uint64_t before = ask(fd), start = now(), end = start + millis * 1000000, tick = start, sent = 0, count;

	while (tick < end) {
		uint64_t due = sent + BATCH;

		if (rate > 0) {
			tick += TICK_NANOS;
			due = (uint64_t)((double)(tick - start) / 1e9 * rate);
		}
		while (sent < due) {
			unsigned int size = due - sent < BATCH ? (unsigned int)(due - sent) : BATCH;
			int done = sendmmsg(fd, batch, size, 0);

			if (done < 0 && errno != ENOBUFS)
				die("sendmmsg");
			sent += done > 0 ? (uint64_t)done : size;
		}
		if (rate > 0)
			sleep_until(tick);
		else
			tick = now();
	}
	count = ask(fd);
	/* less the time for which ask() itself waits after its answer */
	return (double)(count - before) / ((double)(now() - start) / 1e9 - 0.02);
}

static int report_best(int fd, struct sockaddr_in *there, uint64_t millis)
{
	double best = 0, best_rate = 0, rate = 4000, arrived;

	if (connect(fd, (struct sockaddr *)there, sizeof *there) < 0)
		die("connect");
	do {
		arrived = arrivals(fd, rate, millis);
		if (arrived > best)
			best = arrived, best_rate = rate;
		rate *= 1.3;
	} while (arrived > rate / 1.3 * 0.8);
	arrived = arrivals(fd, 0, millis);
	if (arrived > best)
		best = arrived, best_rate = 0;
	printf("%.0f %.0f\n", best, best_rate);
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		die("socket");
	prepare();
	if (argc == 3 && !strcmp(argv[1], "take")) {
		address.sin_port = htons((unsigned short)atoi(argv[2]));
		take(fd, &address);
	}
	if (argc == 5 && !strcmp(argv[1], "send") && inet_pton(AF_INET, argv[2], &address.sin_addr) == 1) {
		address.sin_port = htons((unsigned short)atoi(argv[3]));
		return report_best(fd, &address, (uint64_t)atoi(argv[4]));
	}
	fputs("usage: packets take PORT | packets send ADDRESS PORT MILLISECONDS\n", stderr);
	return 2;
}
