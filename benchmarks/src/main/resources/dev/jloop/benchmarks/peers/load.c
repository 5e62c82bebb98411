/*
 * Sends messages to an echo server over some connections, each with a fixed number under way, and tells how it went.
 *
 *   load PORT CONNECTIONS BYTES UNDER_WAY WARM_UP_SECONDS SECONDS SERVER_PID
 *
 * One thread on epoll; a message goes out as soon as the answer to an earlier one of its connection has come whole.
 * Lines on standard output, each at the moment it tells of:
 *   connected              every connection has echoed one message, which was compared; now a line on standard input is awaited
 *   measuring              the warm-up is over
 *   requests N nanos N cpu N p50 N p99 N p999 N max N
 *                          what was answered while it measured; the server's processor time of all its threads, and
 *                          latencies, all in nanoseconds
 *   drained N              nothing is under way any more; how much was answered since the first line was awaited. Now
 *                          another line is awaited, or the end of the input, and then the connections are closed
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <sys/epoll.h>

#define EVENTS 1024
#define BUFFER_BYTES (256 * 1024)
#define LARGEST_UNDER_WAY 1024
#define PATIENCE_SECONDS 10 /* for an answer */

struct connection {
    int fd;
    int watches_writing;
    long unsent;           /* bytes that are due and not sent */
    size_t sent_of_message; /* where in a message the next byte to send is */
    size_t received;       /* bytes of the answer that is coming in */
    int64_t *sent_at;      /* ring: when each message under way was due */
    int oldest;
};

/* Latencies: 64 steps for each power of two, so that none is off by more than 1.6 %. */
#define STEPS 64
static uint64_t counts[64 * STEPS];

static int under_way, poller;
static size_t bytes;
static char *message, *batch, input[BUFFER_BYTES];
static uint64_t answered, awaited;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int64_t processor_time(pid_t pid) {
    clockid_t clock;
    struct timespec time;
    errno = clock_getcpuclockid(pid, &clock);
    if (errno != 0 || clock_gettime(clock, &time) < 0) fail("load: the processor time of the server cannot be read");
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int cell(uint64_t nanos) {
    if (nanos < STEPS) return nanos;
    int power = 63 - __builtin_clzll(nanos);
    return (power - 5) * STEPS + ((nanos >> (power - 6)) & (STEPS - 1));
}

/* The largest value that falls into a cell. */
static uint64_t value(int cell) {
    if (cell < STEPS) return cell;
    int power = cell / STEPS + 5;
    return (((uint64_t)STEPS + cell % STEPS + 1) << (power - 6)) - 1;
}

static uint64_t percentile(double part) {
    uint64_t seen = 0, wanted = answered * part;
    for (int i = 0; i < 64 * STEPS; i++) {
        seen += counts[i];
        if (seen > wanted || (seen && seen == answered)) return value(i);
    }
    return 0;
}

static void watch(struct connection *connection, int operation, int writing) {
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.ptr = connection};
    if (epoll_ctl(poller, operation, connection->fd, &event) < 0) fail("epoll_ctl");
    connection->watches_writing = writing;
}

static void send_due(struct connection *connection) {
    while (connection->unsent > 0) {
        size_t length = bytes * under_way - connection->sent_of_message;
        if (length > (size_t)connection->unsent) length = connection->unsent;
        ssize_t sent = send(connection->fd, batch + connection->sent_of_message, length, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno != EAGAIN) fail("send");
            break;
        }
        connection->unsent -= sent;
        connection->sent_of_message = (connection->sent_of_message + sent) % bytes;
    }
    int writing = connection->unsent > 0;
    if (writing != connection->watches_writing) watch(connection, EPOLL_CTL_MOD, writing);
}

static void send_messages(struct connection *connection, int count, int64_t time) {
    for (int i = 0; i < count; i++) connection->sent_at[(connection->oldest + under_way - count + i) % under_way] = time;
    connection->unsent += (long)count * bytes;
    send_due(connection);
}

/* Each answer that is whole is counted and followed by a message. */
static void receive(struct connection *connection, int go_on) {
    ssize_t got = recv(connection->fd, input, sizeof input, 0);
    if (got <= 0) {
        if (got < 0 && errno == EAGAIN) return;
        fprintf(stderr, "load: the server has closed a connection: %s\n", got ? strerror(errno) : "end of stream");
        exit(1);
    }
    connection->received += got;
    int whole = connection->received / bytes;
    if (!whole) return;
    connection->received %= bytes;
    int64_t time = now();
    for (int i = 0; i < whole; i++) {
        counts[cell(time - connection->sent_at[connection->oldest])]++;
        connection->oldest = (connection->oldest + 1) % under_way;
    }
    answered += whole;
    if (go_on) send_messages(connection, whole, time);
}

/* With `go_on` until that moment; else until all are answered, and no longer. */
static void run(int64_t until, int go_on) {
    struct epoll_event events[EVENTS];
    while (now() < until && (go_on || answered < awaited)) {
        int ready = epoll_wait(poller, events, EVENTS, 100);
        if (ready < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            if (events[i].events & EPOLLOUT) send_due(connection);
            if (events[i].events & ~EPOLLOUT) receive(connection, go_on);
        }
    }
}

/* One message there and back on a blocking socket, compared byte for byte. */
static void check(int fd) {
    size_t sent = 0, received = 0;
    char *answer = malloc(bytes);
    while (sent < bytes) {
        ssize_t n = send(fd, message + sent, bytes - sent, MSG_NOSIGNAL);
        if (n < 0) fail("load: a message cannot be sent");
        sent += n;
    }
    while (received < bytes) {
        ssize_t n = recv(fd, answer + received, bytes - received, 0);
        if (n == 0) {
            fprintf(stderr, "load: the server has closed a connection instead of answering\n");
            exit(1);
        }
        if (n < 0) fail("load: no answer");
        received += n;
    }
    if (memcmp(message, answer, bytes) != 0) {
        fprintf(stderr, "load: the answer differs from what was sent\n");
        exit(1);
    }
    free(answer);
}

static void connect_to(struct connection *connection, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    int on = 1;
    connection->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connection->fd < 0 || connect(connection->fd, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(connection->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(connection->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    connection->sent_at = calloc(under_way, sizeof *connection->sent_at);
    check(connection->fd);
    fcntl(connection->fd, F_SETFL, O_NONBLOCK);
    watch(connection, EPOLL_CTL_ADD, 0);
}

static void say(const char *line) {
    puts(line);
    fflush(stdout);
}

int main(int count, char **arguments) {
    if (count != 8) {
        fprintf(stderr, "usage: load PORT CONNECTIONS BYTES UNDER_WAY WARM_UP_SECONDS SECONDS SERVER_PID\n");
        return 2;
    }
    int port = atoi(arguments[1]), connections = atoi(arguments[2]);
    bytes = strtoul(arguments[3], NULL, 10);
    under_way = atoi(arguments[4]);
    double warm_up = atof(arguments[5]), seconds = atof(arguments[6]);
    pid_t server = atoi(arguments[7]);
    if (connections < 1 || bytes < 1 || under_way < 1 || under_way > LARGEST_UNDER_WAY) {
        fprintf(stderr, "load: at least one connection and byte, and 1 to %d messages under way\n", LARGEST_UNDER_WAY);
        return 2;
    }
    message = malloc(bytes);
    batch = malloc(bytes * under_way);
    for (size_t i = 0; i < bytes; i++) message[i] = "0123456789abcdefghijklmnopqrstuvwxyz\n"[i % 37];
    for (int i = 0; i < under_way; i++) memcpy(batch + i * bytes, message, bytes);
    poller = epoll_create1(0);
    struct connection *all = calloc(connections, sizeof *all);
    for (int i = 0; i < connections; i++) connect_to(&all[i], port);
    say("connected");
    if (getchar() == EOF) return 0;

    int64_t begin = now();
    for (int i = 0; i < connections; i++) send_messages(&all[i], under_way, begin);
    run(begin + (int64_t)(warm_up * 1e9), 1);
    say("measuring");
    memset(counts, 0, sizeof counts);
    uint64_t answered_before = answered;
    answered = 0;
    int64_t from = now(), processor = processor_time(server);
    run(from + (int64_t)(seconds * 1e9), 1);
    int64_t used = processor_time(server) - processor, nanos = now() - from;
    if (!answered) {
        fprintf(stderr, "load: the server has answered nothing while it was measured\n");
        return 1;
    }
    printf("requests %llu nanos %lld cpu %lld p50 %llu p99 %llu p999 %llu max %llu\n", (unsigned long long)answered,
           (long long)nanos, (long long)used, (unsigned long long)percentile(0.5), (unsigned long long)percentile(0.99),
           (unsigned long long)percentile(0.999), (unsigned long long)percentile(1));
    fflush(stdout);
    /* A connection closed with answers unread would be reset. */
    awaited = answered + (uint64_t)connections * under_way;
    run(now() + PATIENCE_SECONDS * 1000000000LL, 0);
    if (answered < awaited) {
        fprintf(stderr, "load: %llu messages were not answered\n", (unsigned long long)(awaited - answered));
        return 1;
    }
    printf("drained %llu\n", (unsigned long long)(answered_before + answered));
    fflush(stdout);
    getchar();
    return 0;
}
