package dev.jloop.benchmarks.peers;

import com.sun.management.ThreadMXBean;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;

/// Runs one server until standard input ends. Says `listening PORT`, then answers each line
/// `allocated` with the bytes that all threads but its own have allocated so far, and each line
/// `heap` with the bytes of heap in use after a collection.
public final class PeerMain {
    private PeerMain() {}

    /// Serves.
    ///
    /// @param args the name of the server and `echo` or `http`
    public static void main(String[] args) throws Exception {
        if (args.length != 2) {
            throw new IllegalArgumentException("wanted: PEER SERVICE");
        }
        var server = server(args[0]);
        var port = server.listen(Service.of(args[1]));
        System.out.println("listening " + port);
        answerQuestions();
        System.exit(0);
    }

    static PeerServer server(String name) {
        return switch (name) {
            case "jloop-protocol" -> new JloopProtocolServer();
            case "jloop-streams" -> new JloopStreamsServer();
            case "selector" -> new SelectorServer();
            case "native-epoll" -> new NativeEpollServer();
            case "netty-nio" -> NettyServer.nio();
            case "netty-epoll" -> NettyServer.epoll();
            case "netty-io_uring" -> NettyServer.ioUring();
            case "vertx" -> new VertxServer();
            case "virtual-threads" -> new VirtualThreadsServer();
            default -> throw new IllegalArgumentException("no peer is called " + name);
        };
    }

    private static void answerQuestions() throws IOException {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        var questions =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (var question = questions.readLine();
                question != null;
                question = questions.readLine()) {
            System.out.println(
                    switch (question) {
                        case "allocated" ->
                                threads.getTotalThreadAllocatedBytes()
                                        - threads.getCurrentThreadAllocatedBytes();
                        case "heap" -> usedHeap();
                        default ->
                                throw new IllegalArgumentException("not understood: " + question);
                    });
        }
    }

    private static long usedHeap() {
        var memory = ManagementFactory.getMemoryMXBean();
        for (var i = 0; i < 3; i++) { // what becomes free by one cleaner's work waits for the next
            memory.gc();
        }
        return memory.getHeapMemoryUsage().getUsed();
    }
}
