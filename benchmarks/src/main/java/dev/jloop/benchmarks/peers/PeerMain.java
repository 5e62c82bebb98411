package dev.jloop.benchmarks.peers;

import com.sun.management.ThreadMXBean;

import io.netty.util.internal.PlatformDependent;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;

/// Runs one server until standard input ends. Says `listening PORT`, then answers each line
/// `allocated` with the bytes that all threads but its own have allocated so far, and each line
/// `heap` with the bytes of heap in use after a collection, and those of direct buffers, as in
/// `12345 direct 678`. A thread that fails ends the process.
public final class PeerMain {
    private PeerMain() {}

    /// Serves.
    ///
    /// @param args the name of the server and `echo` or `http`
    public static void main(String[] args) throws Exception {
        if (args.length != 2) {
            throw new IllegalArgumentException("wanted: PEER SERVICE");
        }
        Thread.setDefaultUncaughtExceptionHandler(PeerMain::end);
        var server = server(args[0]);
        var port = server.listen(Service.of(args[1]));
        System.out.println("listening " + port);
        answerQuestions();
        System.exit(0);
    }

    private static void end(Thread thread, Throwable failure) {
        System.err.println(thread + " failed:");
        failure.printStackTrace();
        Runtime.getRuntime().halt(1);
    }

    static PeerServer server(String name) {
        return switch (name) {
            case "jloop-protocol" -> new JloopProtocolServer();
            case "jloop-protocol-1-loop" -> new JloopGroupServer(1);
            case "jloop-protocol-2-loops" -> new JloopGroupServer(2);
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
                        case "heap" -> usedHeap() + " direct " + directBytes();
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
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(PeerMain::usedAfterCollection)
                .sum();
    }

    /// What is in use now has some megabytes more as soon as a thread has taken its next piece of
    /// the heap to allocate in.
    private static long usedAfterCollection(MemoryPoolMXBean pool) {
        var collected = pool.getCollectionUsage(); // null of a pool that is not collected
        return (collected == null ? pool.getUsage() : collected).getUsed();
    }

    /// The JDK counts what it has allocated itself, Netty what it has allocated past the JDK.
    private static long directBytes() {
        var counted =
                ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum();
        return counted + Math.max(0, PlatformDependent.usedDirectMemory());
    }
}
