/* SPDX-License-Identifier: Apache-2.0
 * echo ADDRESS PORT: sends every UDP packet back to where it came from, one at a time, and does nothing else. What it answers in a
 * second is what a server can at most that takes a call to receive a packet and a call to send one (IPv4). Ends by a signal. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct sockaddr_in here = {.sin_family = AF_INET};
	char packet[2048];
	int fd;

	if (argc != 3 || inet_pton(AF_INET, argv[1], &here.sin_addr) != 1) {
		fprintf(stderr, "usage: echo ADDRESS PORT\n");
		return 2;
	}
	here.sin_port = htons((unsigned short)atoi(argv[2]));
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) < 0) {
		perror("echo");
		return 1;
	}
	for (;;) {
		struct sockaddr_in peer;
		socklen_t length = sizeof peer;
		ssize_t size = recvfrom(fd, packet, sizeof packet, 0, (struct sockaddr *)&peer, &length);

		if (size >= 0)
			sendto(fd, packet, (size_t)size, 0, (struct sockaddr *)&peer, length);
	}
}
