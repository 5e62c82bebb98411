package dev.jloop.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;
import dev.jloop.core.LoopException;
import dev.jloop.testkit.SimulatedNetwork;
import dev.jloop.testkit.VirtualTimeLoop;
import dev.jloop.transports.Net;
import dev.jloop.transports.Server;

import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.DuplexChannel;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// A channel on a simulated network, whose kernel takes exactly 10 000 bytes that the peer has not
/// read, and the peer. Time is virtual.
final class SimulatedRun {
    static final int WINDOW_BYTES = 10_000;

    /// The body of a test, on the host of the channel.
    @FunctionalInterface
    interface Body {
        void run(SimulatedRun run) throws Exception;
    }

    final VirtualTimeLoop loop;
    final SimulatedNetwork network;
    final SippingPeer peer = new SippingPeer();
    private final List<LoopException> reports = new ArrayList<>();
    private Server server;
    DuplexChannel channel;

    private SimulatedRun(VirtualTimeLoop loop) {
        this.loop = loop;
        network = SimulatedNetwork.on(loop);
        loop.setExceptionHandler((_, report) -> reports.add(report));
        network.setWindow(WINDOW_BYTES);
        network.setLatency(Duration.ofMillis(1));
    }

    /// Runs the body with a channel that has the handlers, and fails on reports.
    static void run(Consumer<ChannelPipeline> initializer, Body body) {
        assertThat(runAndTakeReports(initializer, body)).as("reports nobody expected").isEmpty();
    }

    static List<LoopException> runAndTakeReports(Consumer<ChannelPipeline> initializer, Body body) {
        return runAndTakeReports(initializer, body, _ -> {});
    }

    /// @param afterwards runs when the loop is closed
    static List<LoopException> runAndTakeReports(
            Consumer<ChannelPipeline> initializer, Body body, Consumer<SimulatedRun> afterwards) {
        return runAndTakeReports(VirtualTimeLoop.create(), initializer, body, afterwards);
    }

    /// Runs the body on a loop of its own choice, with a network that cuts what is sent anywhere.
    static void runSeeded(long seed, Consumer<ChannelPipeline> initializer, Body body) {
        var reports =
                runAndTakeReports(
                        VirtualTimeLoop.seeded(seed),
                        initializer,
                        run -> {
                            run.network.setChunking(true);
                            body.run(run);
                        },
                        _ -> {});
        assertThat(reports).as("reports nobody expected").isEmpty();
    }

    private static List<LoopException> runAndTakeReports(
            VirtualTimeLoop loop,
            Consumer<ChannelPipeline> initializer,
            Body body,
            Consumer<SimulatedRun> afterwards) {
        var run = new SimulatedRun(loop);
        try (run.loop) {
            run.loop.runUntilComplete(() -> {
                run.connect(initializer);
                body.run(run);
            });
        }
        afterwards.accept(run);
        return run.reports;
    }

    private void connect(Consumer<ChannelPipeline> initializer) {
        server =
                network.host("server")
                        .createTask(() ->
                                Net.createServer(
                                        () -> peer,
                                        new InetSocketAddress(
                                                InetAddress.ofLiteral("0.0.0.0"), 80)))
                        .await();
        channel = network.host("client").createTask(() -> dial(initializer)).await().channel();
        settle();
    }

    private NettyProtocol dial(Consumer<ChannelPipeline> initializer) throws IOException {
        return Net.createConnection(() -> new NettyProtocol(initializer), "server", 80).protocol();
    }

    /// Lets all that is on its way arrive.
    void settle() {
        Async.sleep(Duration.ofMillis(100));
    }

    /// Ends what is left, so that the loop may close.
    @SuppressWarnings("FutureReturnValueIgnored") // closeFuture() tells
    void finish() throws IOException {
        channel.close();
        peer.transport.abort();
        NettyFutures.await(channel.closeFuture());
        settle();
        server.close();
        server.waitClosed();
    }

    List<LoopException> takeReports() {
        var taken = List.copyOf(reports);
        reports.clear();
        return taken;
    }
}
