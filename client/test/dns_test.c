/* SPDX-License-Identifier: Apache-2.0 */
#include "dns.h"

#include <string.h>

#include "protocol.h"
#include "test.h"

#define TO_QUESTION "\300\014" /* pointer to the name of the question, behind the header */
#define TO_MESH "\300\037"     /* pointer to "mesh.example" in it */

struct packet {
  uint8_t bytes[4096];
  size_t size;
};

static void add(struct packet *packet, const void *bytes, size_t size) {
  memcpy(packet->bytes + packet->size, bytes, size);
  packet->size += size;
}

static void add_u16(struct packet *packet, uint16_t value) {
  put_u16(packet->bytes + packet->size, value);
  packet->size += 2;
}

/* Header and one question. */
static void begin(struct packet *packet, uint16_t flags) {
  memset(packet, 0, sizeof *packet);
  add_u16(packet, 0x1234);
  add_u16(packet, flags);
  add_u16(packet, 1);
  packet->size = 12;
  add(packet, "\015_tunneldigger\04_udp\04mesh\07example", 33);
  add_u16(packet, DNS_TYPE_SRV);
  add_u16(packet, DNS_CLASS_IN);
}

static void count_record(struct packet *packet) { put_u16(packet->bytes + 6, (uint16_t)(get_u16(packet->bytes + 6) + 1)); }

static void add_record(struct packet *packet, uint16_t type, const void *data, size_t size) {
  count_record(packet);
  add(packet, TO_QUESTION, 2);
  add_u16(packet, type);
  add_u16(packet, DNS_CLASS_IN);
  add(packet, "\0\0\1\54", 4);
  add_u16(packet, (uint16_t)size);
  add(packet, data, size);
}

static void add_srv(struct packet *packet, unsigned priority, unsigned weight, unsigned port, const char *name, size_t size) {
  uint8_t data[512];
  put_u16(data, (uint16_t)priority);
  put_u16(data + 2, (uint16_t)weight);
  put_u16(data + 4, (uint16_t)port);
  memcpy(data + 6, name, size);
  add_record(packet, DNS_TYPE_SRV, data, 6 + size);
}

/* From memory that ends where the answer does, so that a read behind it is seen. */
static int read_part(const struct packet *packet, size_t size, struct dns_target out[DNS_TARGETS]) {
  uint8_t *copy = malloc(size > 0 ? size : 1);
  memcpy(copy, packet->bytes, size);
  int count = dns_read_srv(copy, size, out);
  free(copy);
  return count;
}

static int read_all(const struct packet *packet, struct dns_target out[DNS_TARGETS]) {
  return read_part(packet, packet->size, out);
}

static void two_targets(struct packet *packet, uint16_t flags) {
  begin(packet, flags);
  add_srv(packet, 10, 60, 8942, "\02b1\04mesh\07example", 17);
  add_srv(packet, 20, 5, 53, "\02b2" TO_MESH, 5);
}

static void names_whole_and_compressed(void) {
  struct packet packet;
  struct dns_target targets[DNS_TARGETS];
  two_targets(&packet, 0x8180);
  CHECK_EQUAL(read_all(&packet, targets), 2);
  CHECK(strcmp(targets[0].host, "b1.mesh.example") == 0);
  CHECK(targets[0].priority == 10 && targets[0].weight == 60 && targets[0].port == 8942);
  CHECK(strcmp(targets[1].host, "b2.mesh.example") == 0);
  CHECK(targets[1].priority == 20 && targets[1].weight == 5 && targets[1].port == 53);
}

static void pointers_to_pointers(void) {
  struct packet packet;
  struct dns_target targets[DNS_TARGETS];
  begin(&packet, 0x8180);
  add_srv(&packet, 1, 1, 1, TO_MESH, 2);
  uint8_t pointer[2] = {0xc0, (uint8_t)(packet.size - 2)};
  add_srv(&packet, 1, 1, 1, (const char *)pointer, 2);
  CHECK_EQUAL(read_all(&packet, targets), 2);
  CHECK(strcmp(targets[1].host, "mesh.example") == 0);
}

static void pointers_that_lead_nowhere(void) {
  struct packet packet;
  struct dns_target targets[DNS_TARGETS];
  /* To itself, forwards, behind the end, to the label before it (which leads to it again), half a pointer. */
  for (int i = 0; i < 5; i++) {
    begin(&packet, 0x8180);
    uint8_t here = (uint8_t)(packet.size + 12 + 6);
    uint8_t names[5][4] = {{0xc0, here}, {0xc0, (uint8_t)(here + 2), 0}, {0xff, 0xff}, {1, 'a', 0xc0, here}, {0xc0}};
    static const size_t sizes[5] = {2, 3, 2, 4, 1};
    add_srv(&packet, 1, 1, 1, (const char *)names[i], sizes[i]);
    CHECK_EQUAL(read_all(&packet, targets), -1);
  }
  /* Two that lead to each other. */
  begin(&packet, 0x8180);
  uint8_t here = (uint8_t)(packet.size + 12);
  uint8_t first[2] = {0xc0, (uint8_t)(here + 6 + 2 + 12 + 6)}, second[2] = {0xc0, (uint8_t)(here + 6)};
  add_srv(&packet, 1, 1, 1, (const char *)first, 2);
  add_srv(&packet, 1, 1, 1, (const char *)second, 2);
  CHECK_EQUAL(read_all(&packet, targets), -1);
}

static void label_types_of_the_future(void) {
  struct packet packet;
  struct dns_target targets[DNS_TARGETS];
  for (int type = 0x40; type <= 0x80; type += 0x40) {
    uint8_t name[2 + 0x81] = {(uint8_t)(type | 1)}; /* as if it were a length */
    memset(name + 1, 'a', (size_t)type | 1);
    begin(&packet, 0x8180);
    add_srv(&packet, 1, 1, 1, (const char *)name, ((size_t)type | 1) + 2);
    CHECK_EQUAL(read_all(&packet, targets), -1);
  }
}

static void cut_anywhere_is_refused(void) {
  struct packet packet;
  struct dns_target targets[DNS_TARGETS];
  two_targets(&packet, 0x8180);
  for (size_t size = 0; size < packet.size; size++) CHECK_EQUAL(read_part(&packet, size, targets), -1);
  size_t size = packet.size;
  add_record(&packet, 16, "\07any text", 9);
  for (; size < packet.size; size++) CHECK_EQUAL(read_part(&packet, size, targets), -1);
}

static void said_to_be_truncated_gives_whole_records(void) {
  struct packet packet;
  struct dns_target targets[DNS_TARGETS];
  two_targets(&packet, 0x8380);
  size_t first_ends = packet.size - (2 + 10 + 6 + 5);
  for (size_t size = 12 + 33 + 4; size <= packet.size; size++)
    CHECK_EQUAL(read_part(&packet, size, targets), size == packet.size ? 2 : size >= first_ends);
  for (size_t size = 0; size < 12 + 33 + 4; size++) CHECK_EQUAL(read_part(&packet, size, targets), -1);
}

static void other_records_are_passed_over(void) {
  struct packet packet;
  struct dns_target targets[DNS_TARGETS];
  begin(&packet, 0x8180);
  add_record(&packet, 5, "\05alias\300\014", 8); /* CNAME */
  add_record(&packet, 16, "", 0);
  add_srv(&packet, 1, 2, 3, "\01a" TO_MESH, 4);
  add_srv(&packet, 1, 2, 3, "\01b" TO_MESH, 4);
  packet.bytes[packet.size - 4 - 6 - 7] = 3; /* of class CHAOS */
  CHECK_EQUAL(read_all(&packet, targets), 1);
  CHECK(strcmp(targets[0].host, "a.mesh.example") == 0);
  begin(&packet, 0x8180);
  CHECK_EQUAL(read_all(&packet, targets), 0);
}

static void targets_that_name_no_host(void) {
  struct packet packet;
  struct dns_target targets[DNS_TARGETS];
  begin(&packet, 0x8180);
  add_srv(&packet, 0, 0, 8942, "", 1);              /* the root: no such service, RFC 2782 */
  add_srv(&packet, 0, 0, 0, "\01a" TO_MESH, 4);     /* no port */
  add_srv(&packet, 0, 0, 1, "\03a.b" TO_MESH, 6);   /* a dot within a label */
  add_srv(&packet, 0, 0, 1, "\03a\0b" TO_MESH, 6);
  add_srv(&packet, 0, 0, 1, "\03a/b" TO_MESH, 6);
  add_srv(&packet, 0, 0, 1, "\03a\nb" TO_MESH, 6);
  add_srv(&packet, 0, 0, 1, "\03a%b" TO_MESH, 6);
  CHECK_EQUAL(read_all(&packet, targets), 0);
}

static void answers_that_are_none(void) {
  struct packet packet;
  struct dns_target targets[DNS_TARGETS];
  two_targets(&packet, 0x0100); /* a question */
  CHECK_EQUAL(read_all(&packet, targets), -1);
  two_targets(&packet, 0x8183); /* NXDOMAIN */
  CHECK_EQUAL(read_all(&packet, targets), -1);
  two_targets(&packet, 0x8180);
  packet.bytes[6] = 0xff; /* promises 65282 records */
  CHECK_EQUAL(read_all(&packet, targets), -1);
}

static void data_of_the_wrong_length(void) {
  struct packet packet;
  struct dns_target targets[DNS_TARGETS];
  for (size_t size = 0; size < 7; size++) { /* too short for a name */
    begin(&packet, 0x8180);
    add_record(&packet, DNS_TYPE_SRV, "\0\1\0\1\0\1", size < 6 ? size : 6);
    add(&packet, TO_MESH, 2);
    CHECK_EQUAL(read_all(&packet, targets), -1);
  }
  begin(&packet, 0x8180);
  add_srv(&packet, 1, 1, 1, "\01a\0rest", 7); /* more than the name */
  CHECK_EQUAL(read_all(&packet, targets), -1);
}

static void long_names(void) {
  struct packet packet;
  struct dns_target targets[DNS_TARGETS];
  for (unsigned last = 61; last <= 62; last++) { /* 255 bytes are allowed, 256 are not */
    char name[256] = {0};
    for (int i = 0; i < 4; i++) {
      name[i * 64] = i < 3 ? 63 : (char)last;
      memset(name + i * 64 + 1, 'x', 63);
    }
    size_t size = 3 * 64 + 1 + last;
    begin(&packet, 0x8180);
    name[size] = 0;
    add_srv(&packet, 1, 1, 1, name, size + 1);
    CHECK_EQUAL(read_all(&packet, targets), last == 61 ? 1 : -1);
    if (last == 61) CHECK_EQUAL(strlen(targets[0].host), 253);
  }
}

static void no_more_targets_than_there_is_room_for(void) {
  struct packet packet;
  struct dns_target targets[DNS_TARGETS + 1];
  memset(&targets[DNS_TARGETS], 0x5a, sizeof *targets);
  begin(&packet, 0x8180);
  for (unsigned i = 0; i < DNS_TARGETS + 4; i++) add_srv(&packet, i, 0, 1, TO_MESH, 2);
  CHECK_EQUAL(read_all(&packet, targets), DNS_TARGETS);
  CHECK_EQUAL(targets[DNS_TARGETS - 1].priority, DNS_TARGETS - 1);
  CHECK_EQUAL(targets[DNS_TARGETS].port, 0x5a5a);
}

/* Order: the random numbers are the test's. */

static uint32_t picked, last_limit;

static uint32_t pick(uint32_t limit) {
  last_limit = limit;
  return picked < limit ? picked : limit - 1;
}

static void by_priority(void) {
  struct dns_target targets[4] = {{30, 0, 1, ""}, {10, 0, 2, ""}, {65535, 9, 3, ""}, {20, 65535, 4, ""}};
  picked = 0;
  dns_order(targets, 4, pick);
  CHECK(targets[0].port == 2 && targets[1].port == 4 && targets[2].port == 1 && targets[3].port == 3);
  struct dns_target light_last[2] = {{2, 1000, 1, ""}, {1, 7, 2, ""}};
  picked = 8;
  dns_order(light_last, 2, pick);
  CHECK_EQUAL(last_limit, 8); /* another priority's weight does not count */
  CHECK_EQUAL(light_last[0].port, 2);
}

/* Each number that may be picked is tried: a target comes first as often as its weight says. */
static void by_weight(void) {
  unsigned first[4] = {0};
  for (picked = 0; picked <= 6; picked++) {
    struct dns_target targets[4] = {{5, 1, 1, ""}, {5, 5, 2, ""}, {5, 0, 3, ""}, {9, 7, 0, ""}};
    dns_order(targets, 4, pick);
    first[targets[0].port]++;
    CHECK_EQUAL(targets[3].port, 0); /* the other priority's stays behind */
  }
  CHECK_EQUAL(first[1], 1);
  CHECK_EQUAL(first[2], 5);
  CHECK_EQUAL(first[3], 1);
  struct dns_target heavy[DNS_TARGETS];
  for (unsigned i = 0; i < DNS_TARGETS; i++) heavy[i] = (struct dns_target){1, 65535, (uint16_t)(i + 1), ""};
  picked = UINT32_MAX;
  dns_order(heavy, DNS_TARGETS, pick);
  CHECK_EQUAL(heavy[0].port, DNS_TARGETS);
  dns_order(heavy, 0, pick);
  CHECK_EQUAL(last_limit, 2 * 65535 + 1); /* the last choice was among two */
}

const struct test_case dns_cases[] = {
    {"dns: names whole and compressed", names_whole_and_compressed},
    {"dns: pointers to pointers", pointers_to_pointers},
    {"dns: pointers that lead nowhere", pointers_that_lead_nowhere},
    {"dns: label types of the future", label_types_of_the_future},
    {"dns: cut anywhere is refused", cut_anywhere_is_refused},
    {"dns: said to be truncated gives whole records", said_to_be_truncated_gives_whole_records},
    {"dns: other records are passed over", other_records_are_passed_over},
    {"dns: targets that name no host", targets_that_name_no_host},
    {"dns: answers that are none", answers_that_are_none},
    {"dns: data of the wrong length", data_of_the_wrong_length},
    {"dns: long names", long_names},
    {"dns: no more targets than there is room for", no_more_targets_than_there_is_room_for},
    {"dns: order by priority", by_priority},
    {"dns: order by weight", by_weight},
    {NULL, NULL},
};
