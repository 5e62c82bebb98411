package dev.jloop.examples.readme;

import static dev.jloop.core.Async.createTask;
import static dev.jloop.core.Async.gather;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.streams.Streams;

import java.io.IOException;
import java.util.List;

/// Fetches pages from several hosts at once, on one thread.
public final class Fetch {
    static void main(String... hosts) {
        Async.run(() -> {
            var pages =
                    List.of(hosts).stream()
                            .map(host -> createTask(() -> fetch(host), "fetch " + host))
                            .toList();
            var sizes = gather(pages).await();
            for (int i = 0; i < hosts.length; i++) {
                IO.println(hosts[i] + ": " + sizes.get(i) + " bytes");
            }
        });
    }

    private static int fetch(String host) throws IOException {
        try (var connection = Streams.openConnection(host, 80)) {
            var request = "GET / HTTP/1.0\r\nHost: " + host + "\r\n\r\n";
            connection.writer().write(request.getBytes(US_ASCII));
            connection.writer().drain();
            return connection.reader().readAll().length;
        }
    }
}
