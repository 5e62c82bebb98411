/*
 * An echo server on bare epoll, level-triggered, one thread: the least that an echo costs on this machine.
 * Prints "listening PORT" and serves until standard input, if that is a pipe, ends.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_BYTES (256 * 1024)
#define EVENTS 1024

/* What a connection could not send yet; it is read again when that has left. */
struct connection {
    int fd;
    char *unsent;
    size_t from, to;
};

static int poller;
static char buffer[BUFFER_BYTES];

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void watch(struct connection *connection, int operation, unsigned events) {
    struct epoll_event event = {.events = events, .data.ptr = connection};
    if (epoll_ctl(poller, operation, connection->fd, &event) < 0) fail("epoll_ctl");
}

/* Whoever started this server holds the other end of the pipe, and is gone when that ends. */
static void read_input(void) {
    ssize_t got = read(STDIN_FILENO, buffer, sizeof buffer);
    if (got <= 0) exit(0);
}

static void end(struct connection *connection) {
    close(connection->fd);
    free(connection->unsent);
    free(connection);
}

static void accept_all(int listener) {
    int fd, on = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct connection *connection = calloc(1, sizeof *connection);
        if (!connection) fail("calloc");
        connection->fd = fd;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(connection, EPOLL_CTL_ADD, EPOLLIN);
    }
}

static void flush(struct connection *connection) {
    ssize_t sent = send(connection->fd, connection->unsent + connection->from,
                        connection->to - connection->from, MSG_NOSIGNAL);
    if (sent < 0) {
        if (errno != EAGAIN) end(connection);
        return;
    }
    connection->from += sent;
    if (connection->from == connection->to) {
        free(connection->unsent);
        connection->unsent = NULL;
        watch(connection, EPOLL_CTL_MOD, EPOLLIN);
    }
}

static void echo(struct connection *connection) {
    ssize_t got = recv(connection->fd, buffer, sizeof buffer, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN) end(connection);
        return;
    }
    ssize_t sent = send(connection->fd, buffer, got, MSG_NOSIGNAL);
    if (sent < 0) {
        if (errno != EAGAIN) {
            end(connection);
            return;
        }
        sent = 0;
    }
    if (sent < got) {
        connection->unsent = malloc(got - sent);
        if (!connection->unsent) fail("malloc");
        memcpy(connection->unsent, buffer + sent, got - sent);
        connection->from = 0;
        connection->to = got - sent;
        watch(connection, EPOLL_CTL_MOD, EPOLLOUT);
    }
}

int main(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    struct connection listener = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)};
    struct connection input = {.fd = STDIN_FILENO};
    struct epoll_event events[EVENTS];
    struct stat status;

    if (listener.fd < 0 || bind(listener.fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(listener.fd, 4096) < 0 || getsockname(listener.fd, (struct sockaddr *)&address, &length) < 0)
        fail("listen");
    poller = epoll_create1(0);
    if (poller < 0) fail("epoll_create1");
    watch(&listener, EPOLL_CTL_ADD, EPOLLIN);
    if (fstat(STDIN_FILENO, &status) == 0 && S_ISFIFO(status.st_mode)) watch(&input, EPOLL_CTL_ADD, EPOLLIN);
    printf("listening %d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int ready = epoll_wait(poller, events, EVENTS, -1);
        if (ready < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            if (connection == &listener)
                accept_all(listener.fd);
            else if (connection == &input)
                read_input();
            else if (connection->unsent)
                flush(connection);
            else
                echo(connection);
        }
    }
}
