/*
 * Datagram sockets for servers: many datagrams in one system call and one call into JavaScript.
 *
 * One `struct datagrams` is one UDP socket with its helpers: a netlink socket that tells when interfaces or addresses
 * change, a packet socket that reaches a client by hardware address before it has an IP address, and sockets that ask
 * whether an address is in use. The side in TypeScript is src/batched-datagrams.ts; both see one block of memory, laid
 * out by the offsets below, which `layout` exports.
 *
 * Invariants:
 *   - Nothing here is global: each environment (main thread, workers) has its own sockets, on its own event loop.
 *   - Everything happens on the thread of the environment, so the shared block needs no locks.
 *   - JavaScript is only entered from an event of the loop, never from within a call out of JavaScript.
 *   - A socket lives until its handles are closed: after `close`, or when the environment ends.
 */
#define _GNU_SOURCE
#include <node_api.h>

/* Before those of linux/, which then leave out what it has declared. */
#include <net/if.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Since Linux 4.18; older headers do not have it, and older systems refuse it. */
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

/*
 * The few names of libuv that are used, all of them stable since libuv 1.19: the headers of Node-API do not bring them,
 * and handles are allocated with the size that the running library reports.
 */
typedef struct uv_loop_s uv_loop_t;
typedef struct uv_handle_s uv_handle_t;
typedef struct uv_poll_s uv_poll_t;
enum { UV_READABLE = 1, UV_WRITABLE = 2, UV_POLL = 8 };
extern size_t uv_handle_size(int type);
extern int uv_poll_init(uv_loop_t *loop, uv_poll_t *handle, int fd);
extern int uv_poll_start(uv_poll_t *handle, int events, void (*callback)(uv_poll_t *handle, int status, int events));
extern void uv_close(uv_handle_t *handle, void (*callback)(uv_handle_t *handle));
extern void uv_unref(uv_handle_t *handle);
extern void uv_handle_set_data(uv_handle_t *handle, void *data);
extern void *uv_handle_get_data(const uv_handle_t *handle);

enum {
  /* Datagrams of one system call. */
  BATCH = 64,
  /* Batches in one turn of the event loop: timers and connections get their turn in between. */
  BATCHES_PER_TURN = 2,
  /* Octets of a datagram that land in its slot; what is longer continues in a place of its own. */
  SLOT_HEAD = 2048,
  /* 33 cache lines, so that the beginnings of neighbours fall into different sets of the cache. */
  SLOT = 2112,
  LARGE = 65536,
  /* A record tells where a datagram is and where it comes from or goes to: 64 octets, one cache line. */
  RECORD_WORDS = 16,
  /* Datagrams that share one message to the system: as many as it takes, as much as an IP packet may claim, and each
   * short enough for any link that carries IPv6. */
  SEGMENTS_MAX = 64,
  SEGMENTS_OCTETS_MAX = 64000,
  SEGMENT_OCTETS_MAX = 1232,
  /* Datagrams and octets waiting to be sent. */
  SENDS_MAX = 2048,
  SEND_BYTES_MAX = 1 << 20,
  /* Failed sends that are told one by one; all are counted. */
  FAILURES_MAX = 64,
  ANSWERS_MAX = 64,
  /* Errors in a row on a helper socket before it is left alone. */
  ERRORS_MAX = 16,
};

/* Words of a record, in both directions. Numbers are in the order of the machine; addresses of IPv4 fill one word. */
enum {
  OFFSET = 0,
  LENGTH = 1,
  PORT = 2,
  INTERFACE = 3,
  /* Received: 1 = sent to an address of this machine. To send: a WAY. */
  FLAGS = 4,
  /* To send: length of the hardware address. */
  HARDWARE_LENGTH = 5,
  PEER = 6,
  LOCAL = 10,
  /* 8 octets as they stand. */
  HARDWARE = 14,
};

/* Ways to send: to a host by its route, to one by its hardware address, or by route and together with others. */
enum { BY_ROUTE = 0, BY_HARDWARE = 1, JOINED = 2 };

/* Words of the control section. */
enum { SEND_HEAD = 0, SEND_TAIL = 1, FAILURES = 2, CONTROL_WORDS = 16 };

/* Numbers of the counter section, as doubles. */
enum { RECEIVED, RECEIVED_OCTETS, BATCHES, SENT, SENT_OCTETS, SEND_FAILED, SEND_CALLS, COUNTERS = 8 };

/* Offsets into the shared block. */
enum {
  AT_ARENA = 0,
  AT_LARGE = AT_ARENA + BATCH * SLOT,
  AT_RECORDS = AT_LARGE + BATCH * LARGE,
  AT_SEND_RECORDS = AT_RECORDS + BATCH * RECORD_WORDS * 4,
  AT_SEND_BYTES = AT_SEND_RECORDS + SENDS_MAX * RECORD_WORDS * 4,
  AT_CONTROL = AT_SEND_BYTES + SEND_BYTES_MAX,
  AT_COUNTERS = AT_CONTROL + CONTROL_WORDS * 4,
  /* Words: system error, port, 4 of the address. */
  AT_FAILURES = AT_COUNTERS + COUNTERS * 8,
  /* Words: interface, address. */
  AT_ANSWERS = AT_FAILURES + FAILURES_MAX * 8 * 4,
  BLOCK_BYTES = AT_ANSWERS + ANSWERS_MAX * 2 * 4,
};

/* What the callback is told: what happened, and a number. */
enum { EVENT_RECEIVED, EVENT_LINKS_CHANGED, EVENT_ANSWERS, EVENT_FAULT, EVENT_SEND_FAILURES, EVENT_CLOSED };

struct datagrams;

struct watch {
  struct datagrams *owner;
  uv_poll_t *poll;
  int fd;
  int events;
  int errors;
  void (*ready)(struct datagrams *d, int events);
};

/* Room for the largest ancillary data: IPV6_PKTINFO, and the length of segments. */
union ancillary {
  struct cmsghdr align;
  char octets[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t))];
};

struct packet_headers {
  uint8_t ip[20];
  uint8_t udp[8];
};

struct datagrams {
  napi_env env;
  uv_loop_t *loop;
  napi_ref callback;
  napi_ref block;
  napi_async_context context;
  napi_async_cleanup_hook_handle cleanup;
  uint8_t *memory;
  int family;
  /* Handles not yet closed. */
  int handles;
  int closing;
  int ended;
  int flushing;
  /* Calls from the loop that are still on the stack, and the reference JavaScript holds. */
  int references;
  uint16_t echo_id;
  uint16_t echo_sequence;
  int echo_raw;
  /* Address the socket is bound to; source of what is sent by hardware address. */
  uint32_t bound4;
  uint16_t port;
  char device[IF_NAMESIZE];
  struct watch socket;
  struct watch links;
  struct watch arp;
  struct watch echo;
  int packet_fd;
  /* The system does not take several datagrams as one message. */
  int segments_refused;
  /* Datagrams of each message to send. */
  uint8_t spans[BATCH];
  struct mmsghdr messages[BATCH];
  struct iovec vectors[BATCH * 2];
  struct sockaddr_in6 names[BATCH];
  union ancillary ancillary[BATCH];
  struct packet_headers headers[BATCH];
  struct sockaddr_ll link_names[BATCH];
};

static uint32_t *records(struct datagrams *d) { return (uint32_t *)(d->memory + AT_RECORDS); }
static uint32_t *send_records(struct datagrams *d) { return (uint32_t *)(d->memory + AT_SEND_RECORDS); }
static uint32_t *control(struct datagrams *d) { return (uint32_t *)(d->memory + AT_CONTROL); }
static double *counters(struct datagrams *d) { return (double *)(d->memory + AT_COUNTERS); }

static void release(struct datagrams *d) {
  if (--d->references == 0) free(d);
}

/* Calls JavaScript from an event of the loop. */
static void emit(struct datagrams *d, uint32_t event, int32_t number) {
  napi_env env = d->env;
  napi_handle_scope scope;
  if (d->ended || napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value callback, global, arguments[2];
  if (napi_get_reference_value(env, d->callback, &callback) == napi_ok && napi_get_global(env, &global) == napi_ok &&
      napi_create_uint32(env, event, &arguments[0]) == napi_ok &&
      napi_create_int32(env, number, &arguments[1]) == napi_ok) {
    napi_status status = napi_make_callback(env, d->context, global, callback, 2, arguments, NULL);
    if (status == napi_pending_exception) {
      napi_value error;
      if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
    }
  }
  napi_close_handle_scope(env, scope);
}

/* Watches -------------------------------------------------------------------------------------------------------- */

static void on_poll(uv_poll_t *handle, int status, int events) {
  struct watch *watch = uv_handle_get_data((uv_handle_t *)handle);
  struct datagrams *d = watch->owner;
  if (d->closing) return;
  d->references++;
  if (status < 0) {
    /* An error is pending on the socket and libuv has stopped watching it: take the error off and go on. */
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(watch->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (++watch->errors > ERRORS_MAX) {
      emit(d, EVENT_FAULT, error != 0 ? error : -status);
    } else {
      uv_poll_start(handle, watch->events, on_poll);
      watch->ready(d, UV_READABLE);
    }
  } else {
    watch->errors = 0;
    watch->ready(d, events);
  }
  release(d);
}

/* Takes the descriptor over, also when it fails. */
static int start_watch(struct datagrams *d, struct watch *watch, int fd, void (*ready)(struct datagrams *, int)) {
  uv_poll_t *poll = calloc(1, uv_handle_size(UV_POLL));
  if (poll == NULL) {
    close(fd);
    return ENOMEM;
  }
  int status = uv_poll_init(d->loop, poll, fd);
  if (status != 0) {
    free(poll);
    close(fd);
    return -status;
  }
  watch->owner = d;
  watch->poll = poll;
  watch->fd = fd;
  watch->ready = ready;
  watch->events = UV_READABLE;
  uv_handle_set_data((uv_handle_t *)poll, watch);
  d->handles++;
  uv_poll_start(poll, UV_READABLE, on_poll);
  return 0;
}

static void watch_for(struct watch *watch, int events) {
  if (watch->events == events) return;
  watch->events = events;
  uv_poll_start(watch->poll, events, on_poll);
}

/* Nothing is told to JavaScript any more, and nothing of it is held. */
static void leave_javascript(struct datagrams *d) {
  if (d->ended) return;
  d->ended = 1;
  napi_delete_reference(d->env, d->callback);
  napi_delete_reference(d->env, d->block);
  napi_async_destroy(d->env, d->context);
}

static void finish(struct datagrams *d) {
  if (d->packet_fd >= 0) close(d->packet_fd);
  emit(d, EVENT_CLOSED, 0);
  leave_javascript(d);
  if (d->cleanup != NULL) napi_remove_async_cleanup_hook(d->cleanup);
  release(d);
}

static void on_closed(uv_handle_t *handle) {
  struct watch *watch = uv_handle_get_data(handle);
  struct datagrams *d = watch->owner;
  close(watch->fd);
  watch->poll = NULL;
  free(handle);
  if (--d->handles == 0) finish(d);
}

static void begin_close(struct datagrams *d) {
  if (d->closing) return;
  d->closing = 1;
  struct watch *watches[] = {&d->socket, &d->links, &d->arp, &d->echo};
  for (unsigned i = 0; i < sizeof watches / sizeof *watches; i++)
    if (watches[i]->poll != NULL) uv_close((uv_handle_t *)watches[i]->poll, on_closed);
}

static void on_environment_end(napi_async_cleanup_hook_handle handle, void *data) {
  struct datagrams *d = data;
  (void)handle;
  /* The environment still takes references back here; when the handles are closed it may not. */
  leave_javascript(d);
  begin_close(d);
}

/* Sending -------------------------------------------------------------------------------------------------------- */

static uint32_t sum16(const uint8_t *octets, size_t length, uint32_t sum) {
  size_t i = 0;
  for (; i + 1 < length; i += 2) sum += (uint32_t)octets[i] << 8 | octets[i + 1];
  if (i < length) sum += (uint32_t)octets[i] << 8;
  return sum;
}

static uint16_t folded(uint32_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)~sum;
}

static void put16(uint8_t *at, uint32_t value) {
  at[0] = value >> 8;
  at[1] = value;
}

static void put32(uint8_t *at, uint32_t value) {
  put16(at, value >> 16);
  put16(at + 2, value);
}

/* IPv4 and UDP headers of a datagram that the packet socket sends (RFC 791, RFC 768). */
static void build_headers(struct datagrams *d, struct packet_headers *headers, const uint32_t *record,
                          const uint8_t *payload) {
  uint32_t length = record[LENGTH];
  uint32_t source = record[LOCAL] != 0 ? record[LOCAL] : d->bound4;
  uint8_t *ip = headers->ip, *udp = headers->udp;
  memset(headers, 0, sizeof *headers);
  ip[0] = 0x45;
  put16(ip + 2, 28 + length);
  ip[6] = 0x40; /* Do not fragment: the sender of packets cannot. */
  ip[8] = 64;
  ip[9] = IPPROTO_UDP;
  put32(ip + 12, source);
  put32(ip + 16, record[PEER]);
  put16(ip + 10, folded(sum16(ip, 20, 0)));
  put16(udp, d->port);
  put16(udp + 2, record[PORT]);
  put16(udp + 4, 8 + length);
  uint32_t sum = sum16(ip + 12, 8, IPPROTO_UDP + 8 + length);
  uint16_t check = folded(sum16(payload, length, sum16(udp, 8, sum)));
  put16(udp + 6, check == 0 ? 0xffff : check);
}

static int packet_socket(struct datagrams *d) {
  if (d->packet_fd < 0) {
    /* Protocol 0: it sends and receives nothing. */
    d->packet_fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (d->packet_fd >= 0) {
      int octets = 4 << 20;
      if (setsockopt(d->packet_fd, SOL_SOCKET, SO_SNDBUFFORCE, &octets, sizeof octets) != 0)
        setsockopt(d->packet_fd, SOL_SOCKET, SO_SNDBUF, &octets, sizeof octets);
    }
  }
  return d->packet_fd;
}

static void prepare_by_hardware(struct datagrams *d, int i, const uint32_t *record) {
  uint8_t *payload = d->memory + AT_SEND_BYTES + record[OFFSET];
  build_headers(d, &d->headers[i], record, payload);
  struct sockaddr_ll *name = &d->link_names[i];
  memset(name, 0, sizeof *name);
  name->sll_family = AF_PACKET;
  name->sll_protocol = htons(ETH_P_IP);
  name->sll_ifindex = (int)record[INTERFACE];
  name->sll_halen = record[HARDWARE_LENGTH];
  memcpy(name->sll_addr, &record[HARDWARE], 8);
  d->vectors[i * 2] = (struct iovec){&d->headers[i], sizeof d->headers[i]};
  d->vectors[i * 2 + 1] = (struct iovec){payload, record[LENGTH]};
  d->messages[i].msg_hdr = (struct msghdr){
      .msg_name = name, .msg_namelen = sizeof *name, .msg_iov = &d->vectors[i * 2], .msg_iovlen = 2};
}

static void prepare_by_route(struct datagrams *d, int i, const uint32_t *record) {
  d->vectors[i * 2] = (struct iovec){d->memory + AT_SEND_BYTES + record[OFFSET], record[LENGTH]};
  struct msghdr *header = &d->messages[i].msg_hdr;
  *header = (struct msghdr){.msg_name = &d->names[i], .msg_iov = &d->vectors[i * 2], .msg_iovlen = 1};
  struct cmsghdr *ancillary = &d->ancillary[i].align;
  if (d->family == AF_INET) {
    struct sockaddr_in *name = (struct sockaddr_in *)&d->names[i];
    *name = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(record[PORT]), .sin_addr.s_addr = htonl(record[PEER])};
    header->msg_namelen = sizeof *name;
    if (record[INTERFACE] == 0 && record[LOCAL] == 0) return;
    ancillary->cmsg_level = IPPROTO_IP;
    ancillary->cmsg_type = IP_PKTINFO;
    ancillary->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
    struct in_pktinfo info = {.ipi_ifindex = (int)record[INTERFACE], .ipi_spec_dst.s_addr = htonl(record[LOCAL])};
    memcpy(CMSG_DATA(ancillary), &info, sizeof info);
    header->msg_controllen = CMSG_SPACE(sizeof info);
  } else {
    struct sockaddr_in6 *name = &d->names[i];
    *name = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(record[PORT])};
    for (int word = 0; word < 4; word++) put32(name->sin6_addr.s6_addr + word * 4, record[PEER + word]);
    name->sin6_scope_id = record[INTERFACE];
    header->msg_namelen = sizeof *name;
    uint32_t any = record[LOCAL] | record[LOCAL + 1] | record[LOCAL + 2] | record[LOCAL + 3];
    if (record[INTERFACE] == 0 && any == 0) return;
    ancillary->cmsg_level = IPPROTO_IPV6;
    ancillary->cmsg_type = IPV6_PKTINFO;
    ancillary->cmsg_len = CMSG_LEN(sizeof(struct in6_pktinfo));
    struct in6_pktinfo info = {.ipi6_ifindex = record[INTERFACE]};
    for (int word = 0; word < 4; word++) put32(info.ipi6_addr.s6_addr + word * 4, record[LOCAL + word]);
    memcpy(CMSG_DATA(ancillary), &info, sizeof info);
    header->msg_controllen = CMSG_SPACE(sizeof info);
  }
  header->msg_control = ancillary;
}

static const uint32_t *waiting(struct datagrams *d, uint32_t number) {
  return send_records(d) + ((control(d)[SEND_HEAD] + number) % SENDS_MAX) * RECORD_WORDS;
}

/*
 * How many datagrams from the first on can leave as one message: answers of one length to one peer that lie side by side.
 * The system cuts them apart behind its routing; half of what sending costs is spent once for all of them.
 */
static int span_of(struct datagrams *d, uint32_t first) {
  uint32_t left = control(d)[SEND_TAIL] - control(d)[SEND_HEAD] - first;
  const uint32_t *one = waiting(d, first);
  if (one[FLAGS] != JOINED || one[LENGTH] == 0 || one[LENGTH] > SEGMENT_OCTETS_MAX) return 1;
  uint32_t count = 1;
  for (; count < left && count < SEGMENTS_MAX && (count + 1) * one[LENGTH] <= SEGMENTS_OCTETS_MAX; count++) {
    const uint32_t *next = waiting(d, first + count);
    if (next[OFFSET] != one[OFFSET] + count * one[LENGTH] || next[LENGTH] != one[LENGTH] ||
        memcmp(next + PORT, one + PORT, (HARDWARE - PORT) * 4) != 0)
      break;
  }
  return (int)count;
}

static void join_segments(struct datagrams *d, int i, int count) {
  struct msghdr *header = &d->messages[i].msg_hdr;
  uint16_t length = d->vectors[i * 2].iov_len;
  size_t used = header->msg_controllen;
  struct cmsghdr *ancillary = (struct cmsghdr *)(d->ancillary[i].octets + used);
  ancillary->cmsg_level = IPPROTO_UDP;
  ancillary->cmsg_type = UDP_SEGMENT;
  ancillary->cmsg_len = CMSG_LEN(sizeof length);
  memcpy(CMSG_DATA(ancillary), &length, sizeof length);
  header->msg_control = d->ancillary[i].octets;
  header->msg_controllen = used + CMSG_SPACE(sizeof length);
  d->vectors[i * 2].iov_len = (size_t)length * count;
}

/* Prepares messages for what waits and leaves by the same socket as the first; gives how many. */
static int prepare_sends(struct datagrams *d, int join) {
  int by_hardware = waiting(d, 0)[FLAGS] == BY_HARDWARE, count = 0;
  uint32_t left = control(d)[SEND_TAIL] - control(d)[SEND_HEAD];
  for (uint32_t at = 0; count < BATCH && at < left; at += d->spans[count++]) {
    const uint32_t *record = waiting(d, at);
    if ((record[FLAGS] == BY_HARDWARE) != by_hardware) break;
    d->spans[count] = 1;
    if (by_hardware) {
      prepare_by_hardware(d, count, record);
      continue;
    }
    prepare_by_route(d, count, record);
    if (join) d->spans[count] = span_of(d, at);
    if (d->spans[count] > 1) join_segments(d, count, d->spans[count]);
  }
  return count;
}

static void fail_send(struct datagrams *d, const uint32_t *record, int error) {
  counters(d)[SEND_FAILED]++;
  uint32_t count = control(d)[FAILURES];
  if (count >= FAILURES_MAX) return;
  uint32_t *failure = (uint32_t *)(d->memory + AT_FAILURES) + count * 8;
  failure[0] = error;
  failure[1] = record[PORT];
  memcpy(failure + 2, record + PEER, 16);
  control(d)[FAILURES] = count + 1;
}

/* Sends what waits. What the socket has no room for stays, and goes when the socket is writable again. */
static void flush(struct datagrams *d) {
  uint32_t *state = control(d);
  if (d->flushing || d->closing) return;
  d->flushing = 1;
  int blocked = 0, join = !d->segments_refused;
  while (!blocked && state[SEND_HEAD] != state[SEND_TAIL]) {
    int by_hardware = waiting(d, 0)[FLAGS] == BY_HARDWARE;
    int count = prepare_sends(d, join);
    int fd = by_hardware ? packet_socket(d) : d->socket.fd;
    int sent = fd < 0 ? -1 : sendmmsg(fd, d->messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    counters(d)[SEND_CALLS]++;
    if (sent > 0) {
      for (int i = 0; i < sent; i++) {
        counters(d)[SENT] += d->spans[i];
        counters(d)[SENT_OCTETS] += (double)waiting(d, 0)[LENGTH] * d->spans[i];
        state[SEND_HEAD] += d->spans[i];
      }
    } else if (errno == EINTR) {
      continue;
    } else if (errno == EAGAIN && !by_hardware) {
      blocked = 1;
    } else if (d->spans[0] > 1) {
      /* One by one then: so it is found out which of them cannot be sent, or they can. A device that leaves checksums to
       * the system does not take them together (EIO), nor does an old system. */
      if (errno == EIO || errno == EINVAL) d->segments_refused = 1;
      join = 0;
    } else {
      /* The first one of them cannot be sent: it is told, and the rest goes on. */
      fail_send(d, waiting(d, 0), errno);
      state[SEND_HEAD]++;
    }
  }
  watch_for(&d->socket, blocked ? UV_READABLE | UV_WRITABLE : UV_READABLE);
  d->flushing = 0;
}

static void flush_and_tell(struct datagrams *d) {
  flush(d);
  if (control(d)[FAILURES] != 0) emit(d, EVENT_SEND_FAILURES, (int32_t)control(d)[FAILURES]);
}

/* Receiving ------------------------------------------------------------------------------------------------------ */

static void prepare_receive(struct datagrams *d) {
  for (int i = 0; i < BATCH; i++) {
    d->vectors[i * 2] = (struct iovec){d->memory + AT_ARENA + i * SLOT, SLOT_HEAD};
    d->vectors[i * 2 + 1] = (struct iovec){d->memory + AT_LARGE + i * LARGE + SLOT_HEAD, LARGE - SLOT_HEAD};
    d->messages[i].msg_hdr = (struct msghdr){.msg_name = &d->names[i],
                                             .msg_namelen = sizeof d->names[i],
                                             .msg_iov = &d->vectors[i * 2],
                                             .msg_iovlen = 2,
                                             .msg_control = &d->ancillary[i],
                                             .msg_controllen = sizeof d->ancillary[i]};
  }
}

static uint32_t word_of(const uint8_t *octets) {
  return (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 | octets[3];
}

static void describe(struct datagrams *d, int i) {
  uint32_t *record = records(d) + i * RECORD_WORDS;
  uint32_t length = d->messages[i].msg_len;
  memset(record, 0, RECORD_WORDS * 4);
  record[LENGTH] = length;
  if (length <= SLOT_HEAD) {
    record[OFFSET] = AT_ARENA + i * SLOT;
  } else {
    record[OFFSET] = AT_LARGE + i * LARGE;
    memcpy(d->memory + record[OFFSET], d->memory + AT_ARENA + i * SLOT, SLOT_HEAD);
  }
  struct msghdr *header = &d->messages[i].msg_hdr;
  struct cmsghdr *ancillary = CMSG_FIRSTHDR(header);
  if (d->family == AF_INET) {
    const struct sockaddr_in *name = (const struct sockaddr_in *)&d->names[i];
    record[PORT] = ntohs(name->sin_port);
    record[PEER] = ntohl(name->sin_addr.s_addr);
    if (ancillary != NULL && ancillary->cmsg_level == IPPROTO_IP && ancillary->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo info;
      memcpy(&info, CMSG_DATA(ancillary), sizeof info);
      record[INTERFACE] = info.ipi_ifindex;
      record[LOCAL] = ntohl(info.ipi_spec_dst.s_addr);
      record[FLAGS] = info.ipi_spec_dst.s_addr == info.ipi_addr.s_addr;
    }
  } else {
    const struct sockaddr_in6 *name = &d->names[i];
    record[PORT] = ntohs(name->sin6_port);
    for (int word = 0; word < 4; word++) record[PEER + word] = word_of(name->sin6_addr.s6_addr + word * 4);
    if (ancillary != NULL && ancillary->cmsg_level == IPPROTO_IPV6 && ancillary->cmsg_type == IPV6_PKTINFO) {
      struct in6_pktinfo info;
      memcpy(&info, CMSG_DATA(ancillary), sizeof info);
      record[INTERFACE] = info.ipi6_ifindex;
      record[FLAGS] = info.ipi6_addr.s6_addr[0] != 0xff;
      /* The group a message was sent to is no address of ours. */
      if (record[FLAGS])
        for (int word = 0; word < 4; word++) record[LOCAL + word] = word_of(info.ipi6_addr.s6_addr + word * 4);
    }
  }
}

static void on_socket(struct datagrams *d, int events) {
  if (events & UV_WRITABLE) flush_and_tell(d);
  if (!(events & UV_READABLE)) return;
  for (int batch = 0; batch < BATCHES_PER_TURN && !d->closing; batch++) {
    prepare_receive(d);
    int count = recvmmsg(d->socket.fd, d->messages, BATCH, MSG_DONTWAIT, NULL);
    if (count < 0) {
      if (errno != EAGAIN && errno != EINTR) emit(d, EVENT_FAULT, errno);
      return;
    }
    for (int i = 0; i < count; i++) {
      describe(d, i);
      counters(d)[RECEIVED_OCTETS] += d->messages[i].msg_len;
    }
    counters(d)[RECEIVED] += count;
    counters(d)[BATCHES]++;
    emit(d, EVENT_RECEIVED, count);
    if (!d->closing) flush_and_tell(d);
    if (count < BATCH) return;
  }
}

/* Interfaces ----------------------------------------------------------------------------------------------------- */

static void on_links(struct datagrams *d, int events) {
  char scratch[8192];
  (void)events;
  /* What changed does not matter: everything known about interfaces is asked again. */
  for (int i = 0; i < 256; i++)
    if (recv(d->links.fd, scratch, sizeof scratch, MSG_DONTWAIT) < 0 && errno != ENOBUFS) break;
  /* A device that was deleted and made again is another device: the socket is bound to the new one. */
  if (d->device[0] != 0) setsockopt(d->socket.fd, SOL_SOCKET, SO_BINDTODEVICE, d->device, strlen(d->device));
  /* Perhaps the way leads through another device now. */
  d->segments_refused = 0;
  emit(d, EVENT_LINKS_CHANGED, 0);
}

static int watch_links(struct datagrams *d) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return errno;
  struct sockaddr_nl name = {.nl_family = AF_NETLINK,
                             .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};
  if (bind(fd, (struct sockaddr *)&name, sizeof name) != 0) {
    int error = errno;
    close(fd);
    return error;
  }
  return start_watch(d, &d->links, fd, on_links);
}

/* Address probes ------------------------------------------------------------------------------------------------- */

static void answer(struct datagrams *d, int *count, uint32_t interface, uint32_t address) {
  uint32_t *words = (uint32_t *)(d->memory + AT_ANSWERS) + *count * 2;
  words[0] = interface;
  words[1] = address;
  if (++*count == ANSWERS_MAX) {
    emit(d, EVENT_ANSWERS, *count);
    *count = 0;
  }
}

static void on_arp(struct datagrams *d, int events) {
  uint8_t packet[64];
  struct sockaddr_ll name;
  int count = 0;
  (void)events;
  for (int i = 0; i < BATCH * BATCHES_PER_TURN && !d->closing; i++) {
    socklen_t size = sizeof name;
    ssize_t length = recvfrom(d->arp.fd, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&name, &size);
    if (length < 0) break;
    /* RFC 826: hardware length at 4, protocol length at 5, then sender hardware and protocol address. */
    if (length < 28 || packet[4] != 6 || packet[5] != 4) continue;
    answer(d, &count, name.sll_ifindex, word_of(packet + 14));
  }
  if (count > 0 && !d->closing) emit(d, EVENT_ANSWERS, count);
}

static int arp_socket(struct datagrams *d) {
  if (d->arp.poll != NULL) return 0;
  int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  /* Only replies reach us: other people's questions are no concern of ours. */
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARPOP_REPLY, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 64),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog program = {sizeof code / sizeof *code, code};
  struct sockaddr_ll name = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP)};
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0 ||
      bind(fd, (struct sockaddr *)&name, sizeof name) != 0) {
    int error = errno;
    close(fd);
    return error;
  }
  return start_watch(d, &d->arp, fd, on_arp);
}

/* Asks for the address the way RFC 5227 §2.1.1 does, without a sender address: nobody's cache changes. */
static int probe_by_arp(struct datagrams *d, uint32_t interface, uint32_t address) {
  struct ifreq request = {0};
  request.ifr_ifindex = (int)interface;
  if (ioctl(d->socket.fd, SIOCGIFNAME, &request) != 0) return errno;
  if (ioctl(d->socket.fd, SIOCGIFHWADDR, &request) != 0) return errno;
  if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER) return EOPNOTSUPP;
  int error = arp_socket(d);
  if (error != 0) return error;
  uint8_t packet[28] = {0, ARPHRD_ETHER, ETH_P_IP >> 8, 0, 6, 4, 0, ARPOP_REQUEST};
  memcpy(packet + 8, request.ifr_hwaddr.sa_data, 6);
  put32(packet + 24, address);
  struct sockaddr_ll name = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ARP),
                             .sll_ifindex = (int)interface,
                             .sll_halen = 6,
                             .sll_addr = {255, 255, 255, 255, 255, 255}};
  return sendto(d->arp.fd, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&name, sizeof name) < 0 ? errno : 0;
}

static void on_echo(struct datagrams *d, int events) {
  uint8_t packet[128];
  struct sockaddr_in name;
  int count = 0;
  (void)events;
  for (int i = 0; i < BATCH * BATCHES_PER_TURN && !d->closing; i++) {
    socklen_t size = sizeof name;
    ssize_t length = recvfrom(d->echo.fd, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&name, &size);
    if (length < 0) break;
    ssize_t at = d->echo_raw ? (packet[0] & 15) * 4 : 0;
    if (length < at + 8 || packet[at] != ICMP_ECHOREPLY) continue;
    /* On a socket that is not raw the system itself chose the identifier and sorted the replies by it. */
    if (d->echo_raw && (packet[at + 4] << 8 | packet[at + 5]) != d->echo_id) continue;
    answer(d, &count, 0, ntohl(name.sin_addr.s_addr));
  }
  if (count > 0 && !d->closing) emit(d, EVENT_ANSWERS, count);
}

static int echo_socket(struct datagrams *d) {
  if (d->echo.poll != NULL) return 0;
  int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP);
  d->echo_raw = fd >= 0;
  if (fd < 0) fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP);
  if (fd < 0) return errno;
  if (d->echo_raw) {
    struct icmp_filter filter = {~(1u << ICMP_ECHOREPLY)};
    setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof filter);
  }
  if (d->device[0] != 0) setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, d->device, strlen(d->device));
  return start_watch(d, &d->echo, fd, on_echo);
}

static int probe_by_echo(struct datagrams *d, uint32_t address) {
  int error = echo_socket(d);
  if (error != 0) return error;
  uint8_t packet[16] = {ICMP_ECHO};
  put16(packet + 4, d->echo_id);
  put16(packet + 6, ++d->echo_sequence);
  put16(packet + 2, folded(sum16(packet, sizeof packet, 0)));
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
  return sendto(d->echo.fd, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&name, sizeof name) < 0 ? errno : 0;
}

/* What JavaScript calls ------------------------------------------------------------------------------------------ */

static napi_value number(napi_env env, int32_t value) {
  napi_value result = NULL;
  napi_create_int32(env, value, &result);
  return result;
}

static struct datagrams *self_of(napi_env env, napi_value value) {
  void *data = NULL;
  if (napi_get_value_external(env, value, &data) != napi_ok) return NULL;
  struct datagrams *d = data;
  return d->closing ? NULL : d;
}

static int arguments_of(napi_env env, napi_callback_info info, size_t count, napi_value *arguments) {
  size_t given = count;
  return napi_get_cb_info(env, info, &given, arguments, NULL, NULL) == napi_ok && given == count;
}

static uint32_t uint_of(napi_env env, napi_value value) {
  uint32_t result = 0;
  napi_get_value_uint32(env, value, &result);
  return result;
}

static void on_collected(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  release(data);
}

static void enlarge(int fd, int forced, int option, int octets) {
  if (setsockopt(fd, SOL_SOCKET, forced, &octets, sizeof octets) != 0)
    setsockopt(fd, SOL_SOCKET, option, &octets, sizeof octets);
}

/* The descriptor of a configured and bound socket, or the negative system error. */
static int open_socket(struct datagrams *d, const uint8_t *address, uint32_t port, int octets) {
  int fd = socket(d->family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
  if (fd < 0) return -errno;
  int on = 1, off = 0, bad = 0;
  bad |= setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  enlarge(fd, SO_RCVBUFFORCE, SO_RCVBUF, octets);
  enlarge(fd, SO_SNDBUFFORCE, SO_SNDBUF, octets);
  if (d->device[0] != 0) bad |= setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, d->device, strlen(d->device));
  struct sockaddr_in6 name = {0};
  socklen_t size;
  if (d->family == AF_INET) {
    bad |= setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
    bad |= setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    struct sockaddr_in *name4 = (struct sockaddr_in *)&name;
    name4->sin_family = AF_INET;
    name4->sin_port = htons(port);
    memcpy(&name4->sin_addr, address, 4);
    size = sizeof *name4;
  } else {
    bad |= setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    bad |= setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
#ifdef IPV6_MULTICAST_ALL
    /* Only what was joined on this socket, not what other programs joined. */
    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, &off, sizeof off);
#endif
    name.sin6_family = AF_INET6;
    name.sin6_port = htons(port);
    memcpy(&name.sin6_addr, address, 16);
    size = sizeof name;
  }
  (void)off;
  if (bad != 0 || bind(fd, (struct sockaddr *)&name, size) != 0) {
    int error = errno;
    close(fd);
    return -error;
  }
  size = sizeof name;
  getsockname(fd, (struct sockaddr *)&name, &size);
  d->port = ntohs(name.sin6_port);
  if (d->family == AF_INET) d->bound4 = word_of(address);
  return fd;
}

/*
 * open(family 4|6, address Uint8Array of 16, port, device "" for none, octets of the socket's buffers, callback)
 *   → { self, port, block, packets } or the negative system error; `packets` is 0, or the negative system error with
 *   which packet sockets are refused: then nothing is sent by hardware address.
 */
static napi_value Open(napi_env env, napi_callback_info info) {
  napi_value arguments[6];
  if (!arguments_of(env, info, 6, arguments)) return number(env, -EINVAL);
  struct datagrams *d = calloc(1, sizeof *d);
  if (d == NULL) return number(env, -ENOMEM);
  d->env = env;
  d->family = uint_of(env, arguments[0]) == 4 ? AF_INET : AF_INET6;
  d->packet_fd = -1;
  d->echo_id = (uint16_t)(getpid() ^ ((uintptr_t)d >> 8));
  /* Two hold it: the open handles, and JavaScript through its external value. */
  d->references = 2;
  size_t length = 0;
  void *address = NULL, *memory = NULL;
  napi_typedarray_type type;
  napi_value buffer, block, self, result;
  if (napi_get_typedarray_info(env, arguments[1], &type, &length, &address, &buffer, NULL) != napi_ok || length != 16 ||
      napi_get_value_string_utf8(env, arguments[3], d->device, sizeof d->device, &length) != napi_ok ||
      napi_get_uv_event_loop(env, &d->loop) != napi_ok) {
    free(d);
    return number(env, -EINVAL);
  }
  int fd = open_socket(d, address, uint_of(env, arguments[2]), (int)uint_of(env, arguments[4]));
  if (fd < 0) {
    free(d);
    return number(env, fd);
  }
  napi_value name;
  if (napi_create_arraybuffer(env, BLOCK_BYTES, &memory, &block) != napi_ok ||
      napi_create_string_utf8(env, "leasewire:datagrams", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_reference(env, block, 1, &d->block) != napi_ok ||
      napi_create_reference(env, arguments[5], 1, &d->callback) != napi_ok ||
      napi_async_init(env, NULL, name, &d->context) != napi_ok) {
    close(fd);
    free(d);
    return number(env, -ENOMEM);
  }
  d->memory = memory;
  memset(d->memory + AT_CONTROL, 0, BLOCK_BYTES - AT_CONTROL);
  int error = start_watch(d, &d->socket, fd, on_socket);
  if (error != 0) {
    napi_delete_reference(env, d->block);
    napi_delete_reference(env, d->callback);
    napi_async_destroy(env, d->context);
    free(d);
    return number(env, -error);
  }
  /* Where the system does not tell about interfaces, they are asked for each time they are unknown. */
  if (watch_links(d) == 0) uv_unref((uv_handle_t *)d->links.poll);
  napi_add_async_cleanup_hook(env, on_environment_end, d, &d->cleanup);
  napi_create_external(env, d, on_collected, NULL, &self);
  napi_create_object(env, &result);
  napi_set_named_property(env, result, "self", self);
  napi_set_named_property(env, result, "port", number(env, d->port));
  napi_set_named_property(env, result, "block", block);
  int packets = d->family == AF_INET && packet_socket(d) < 0 ? errno : 0;
  napi_set_named_property(env, result, "packets", number(env, -packets));
  return result;
}

/* flush(self) → failures to be told, or the negative system error. */
static napi_value Flush(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  struct datagrams *d;
  if (!arguments_of(env, info, 1, arguments) || (d = self_of(env, arguments[0])) == NULL) return number(env, -EBADF);
  flush(d);
  return number(env, (int32_t)control(d)[FAILURES]);
}

/* close(self): the callback is told when it is done. */
static napi_value Close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  struct datagrams *d;
  if (!arguments_of(env, info, 1, arguments) || (d = self_of(env, arguments[0])) == NULL) return number(env, -EBADF);
  flush(d);
  begin_close(d);
  return number(env, 0);
}

/* member(self, interface index, group Uint8Array of 16, 1 to join or 0 to leave) → 0 or the negative system error. */
static napi_value Member(napi_env env, napi_callback_info info) {
  napi_value arguments[4], buffer;
  struct datagrams *d;
  napi_typedarray_type type;
  size_t length;
  void *group;
  if (!arguments_of(env, info, 4, arguments) || (d = self_of(env, arguments[0])) == NULL) return number(env, -EBADF);
  if (napi_get_typedarray_info(env, arguments[2], &type, &length, &group, &buffer, NULL) != napi_ok || length != 16)
    return number(env, -EINVAL);
  struct ipv6_mreq request = {.ipv6mr_interface = uint_of(env, arguments[1])};
  memcpy(&request.ipv6mr_multiaddr, group, 16);
  int option = uint_of(env, arguments[3]) != 0 ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP;
  int status = setsockopt(d->socket.fd, IPPROTO_IPV6, option, &request, sizeof request);
  return number(env, status == 0 || errno == EADDRINUSE ? 0 : -errno);
}

/*
 * interfaceOf(self, name or index) → { index, name, flags, hardwareType, address } or the negative system error.
 * `address` is its first IPv4 address as a number, 0 where it has none.
 */
static napi_value InterfaceOf(napi_env env, napi_callback_info info) {
  napi_value arguments[2], result, text, address;
  struct datagrams *d;
  if (!arguments_of(env, info, 2, arguments) || (d = self_of(env, arguments[0])) == NULL) return number(env, -EBADF);
  struct ifreq request = {0};
  napi_valuetype type;
  napi_typeof(env, arguments[1], &type);
  if (type == napi_string) {
    size_t length;
    char name[IF_NAMESIZE + 2];
    napi_get_value_string_utf8(env, arguments[1], name, sizeof name, &length);
    if (length == 0 || length >= IF_NAMESIZE) return number(env, -ENODEV);
    memcpy(request.ifr_name, name, length);
    if (ioctl(d->socket.fd, SIOCGIFINDEX, &request) != 0) return number(env, -errno);
  } else {
    request.ifr_ifindex = (int)uint_of(env, arguments[1]);
    if (ioctl(d->socket.fd, SIOCGIFNAME, &request) != 0) return number(env, -errno);
    if (ioctl(d->socket.fd, SIOCGIFINDEX, &request) != 0) return number(env, -errno);
  }
  int index = request.ifr_ifindex;
  int flags = ioctl(d->socket.fd, SIOCGIFFLAGS, &request) == 0 ? (uint16_t)request.ifr_flags : 0;
  int hardware = ioctl(d->socket.fd, SIOCGIFHWADDR, &request) == 0 ? request.ifr_hwaddr.sa_family : 0;
  uint32_t own = 0;
  if (d->family == AF_INET && ioctl(d->socket.fd, SIOCGIFADDR, &request) == 0)
    own = ntohl(((struct sockaddr_in *)&request.ifr_addr)->sin_addr.s_addr);
  napi_create_object(env, &result);
  napi_create_string_utf8(env, request.ifr_name, NAPI_AUTO_LENGTH, &text);
  napi_create_uint32(env, own, &address);
  napi_set_named_property(env, result, "index", number(env, index));
  napi_set_named_property(env, result, "name", text);
  napi_set_named_property(env, result, "flags", number(env, flags));
  napi_set_named_property(env, result, "hardwareType", number(env, hardware));
  napi_set_named_property(env, result, "address", address);
  return result;
}

/* probe(self, interface index or 0, address as a number) → 0 or the negative system error. */
static napi_value Probe(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  struct datagrams *d;
  if (!arguments_of(env, info, 3, arguments) || (d = self_of(env, arguments[0])) == NULL) return number(env, -EBADF);
  uint32_t interface = uint_of(env, arguments[1]), address = uint_of(env, arguments[2]);
  return number(env, -(interface != 0 ? probe_by_arp(d, interface, address) : probe_by_echo(d, address)));
}

/* lost(self) → datagrams the system dropped because the socket's buffer was full. */
static napi_value Lost(napi_env env, napi_callback_info info) {
  napi_value arguments[1], result;
  struct datagrams *d;
  if (!arguments_of(env, info, 1, arguments) || (d = self_of(env, arguments[0])) == NULL) return number(env, -EBADF);
  uint32_t memory[SK_MEMINFO_VARS] = {0};
  socklen_t size = sizeof memory;
  getsockopt(d->socket.fd, SOL_SOCKET, SO_MEMINFO, memory, &size);
  napi_create_uint32(env, memory[SK_MEMINFO_DROPS], &result);
  return result;
}

/*
 * stream(family 4|6, address Uint8Array of 16, port, device) → descriptor of a TCP socket that is bound there and to that
 * device, or the negative system error. Whoever takes it listens on it and closes it.
 */
static napi_value Stream(napi_env env, napi_callback_info info) {
  napi_value arguments[4], buffer;
  if (!arguments_of(env, info, 4, arguments)) return number(env, -EINVAL);
  char device[IFNAMSIZ] = "";
  size_t length = 0;
  void *address = NULL;
  napi_typedarray_type type;
  if (napi_get_typedarray_info(env, arguments[1], &type, &length, &address, &buffer, NULL) != napi_ok || length != 16 ||
      napi_get_value_string_utf8(env, arguments[3], device, sizeof device, &length) != napi_ok)
    return number(env, -EINVAL);
  int family = uint_of(env, arguments[0]) == 4 ? AF_INET : AF_INET6, on = 1;
  int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return number(env, -errno);
  struct sockaddr_in6 name = {0};
  socklen_t size = sizeof name;
  int bad = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  bad |= setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, strlen(device));
  if (family == AF_INET) {
    struct sockaddr_in *name4 = (struct sockaddr_in *)&name;
    name4->sin_family = AF_INET;
    name4->sin_port = htons(uint_of(env, arguments[2]));
    memcpy(&name4->sin_addr, address, 4);
    size = sizeof *name4;
  } else {
    bad |= setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    name.sin6_family = AF_INET6;
    name.sin6_port = htons(uint_of(env, arguments[2]));
    memcpy(&name.sin6_addr, address, 16);
  }
  if (bad != 0 || bind(fd, (struct sockaddr *)&name, size) != 0) {
    int error = errno;
    close(fd);
    return number(env, -error);
  }
  return number(env, fd);
}

static void export_number(napi_env env, napi_value object, const char *name, int32_t value) {
  napi_set_named_property(env, object, name, number(env, value));
}

NAPI_MODULE_INIT() {
  struct {
    const char *name;
    napi_callback callback;
  } functions[] = {{"open", Open}, {"flush", Flush}, {"close", Close}, {"member", Member}, {"interfaceOf", InterfaceOf},
                   {"probe", Probe}, {"lost", Lost}, {"stream", Stream}};
  for (unsigned i = 0; i < sizeof functions / sizeof *functions; i++) {
    napi_value function;
    napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].callback, NULL, &function);
    napi_set_named_property(env, exports, functions[i].name, function);
  }
  napi_value layout;
  napi_create_object(env, &layout);
  export_number(env, layout, "batch", BATCH);
  export_number(env, layout, "sendsMax", SENDS_MAX);
  export_number(env, layout, "sendBytesMax", SEND_BYTES_MAX);
  export_number(env, layout, "records", AT_RECORDS);
  export_number(env, layout, "sendRecords", AT_SEND_RECORDS);
  export_number(env, layout, "sendBytes", AT_SEND_BYTES);
  export_number(env, layout, "control", AT_CONTROL);
  export_number(env, layout, "controlWords", CONTROL_WORDS);
  export_number(env, layout, "counters", AT_COUNTERS);
  export_number(env, layout, "countersLength", COUNTERS);
  export_number(env, layout, "failures", AT_FAILURES);
  export_number(env, layout, "failuresMax", FAILURES_MAX);
  export_number(env, layout, "answers", AT_ANSWERS);
  export_number(env, layout, "answersMax", ANSWERS_MAX);
  export_number(env, layout, "bytes", BLOCK_BYTES);
  napi_set_named_property(env, exports, "layout", layout);
  return exports;
}
