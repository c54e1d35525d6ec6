/* SPDX-License-Identifier: Apache-2.0 */
/* seeds FOLDER: writes the captured sessions as first inputs, each datagram to FOLDER/packet, what the broker said in
 * each capture to FOLDER/session. */
#include <stdio.h>
#include <string.h>

#include "capture.h"

struct seeds {
  const char *folder;
  unsigned capture, datagrams;
  FILE *session;
};

static FILE *create(const struct seeds *seeds, const char *target, unsigned number) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s/capture%u-%u", seeds->folder, target, seeds->capture, number);
  return fopen(path, "wb");
}

static void on_datagram(void *context, const struct captured *datagram) {
  struct seeds *seeds = context;
  const uint8_t head[3] = {1, (uint8_t)(datagram->size >> 8), (uint8_t)datagram->size}; /* 20 ms later */
  FILE *packet = create(seeds, "packet", seeds->datagrams++);
  if (packet != NULL) {
    fwrite(datagram->payload, 1, datagram->size, packet);
    fclose(packet);
  }
  if (datagram->from_client) return;
  fwrite(head, 1, sizeof head, seeds->session);
  fwrite(datagram->payload, 1, datagram->size, seeds->session);
}

int main(int argc, char *argv[]) {
  static const char *const captures[] = {CAPTURES "/reference-mtu1500.pcap", CAPTURES "/reference-mtu1400.pcap"};
  struct seeds seeds = {.folder = argc == 2 ? argv[1] : "."};
  for (; seeds.capture < 2; seeds.capture++) {
    seeds.session = create(&seeds, "session", 0);
    if (seeds.session == NULL) return 1;
    fputc(4, seeds.session); /* IPv4, with a bandwidth limit, as the captured client's */
    if (!capture_read(captures[seeds.capture], on_datagram, &seeds)) return 1;
    fclose(seeds.session);
  }
  return 0;
}
