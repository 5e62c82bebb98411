package dev.jloop.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.SelectorEventLoop;
import dev.jloop.core.TimedOutException;
import dev.jloop.transports.ConnectOptions;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.TlsOptions;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.stream.ChunkedNioFile;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.util.ReferenceCountUtil;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Netty's own regions of files, on a simulated network that takes 10 000 bytes ahead, and on
/// sockets.
@Timeout(60)
@ExtendWith(LeakCheck.class)
@SuppressWarnings("FutureReturnValueIgnored") // what is awaited is what the peer sees
class FileRegionTest {
    private static final int FILE_BYTES = 100_000;

    @TempDir private Path folder;
    private Path path;
    private String content;

    /// Takes longer than a callback of a loop should.
    @BeforeAll
    static void makeCertificate() {
        assertThat(ServerCertificate.context()).isNotNull();
    }

    @BeforeEach
    void makeFile() throws IOException {
        path = folder.resolve("file");
        content = letters(FILE_BYTES);
        Files.writeString(path, content);
    }

    private static String letters(int count) {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++) {
            text.append((char) ('a' + i % 23));
        }
        return text.toString();
    }

    private DefaultFileRegion region(long position, long count) {
        return new DefaultFileRegion(path.toFile(), position, count);
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, US_ASCII);
    }

    @Test
    void aRegionLeavesInItsPlaceAmongTheMessages() {
        SimulatedRun.run(
                _ -> {},
                run -> {
                    var file = FileChannel.open(path);
                    var region = new DefaultFileRegion(file, 10, 30_000);
                    var before = run.channel.write(bytes("<".repeat(15_000)));
                    var write = run.channel.write(region);
                    var after = run.channel.writeAndFlush(bytes(">"));
                    run.settle();
                    assertThat(before.isDone()).isFalse();
                    run.peer.take(15_000);
                    run.settle();
                    assertThat(before.isSuccess()).isTrue();
                    run.peer.take(19_999);
                    run.settle();
                    assertThat(write.isDone()).as("with one byte left").isFalse();
                    assertThat(file.isOpen()).isTrue();
                    run.peer.take(5_000);
                    run.settle();
                    assertThat(write.isSuccess()).isTrue();
                    assertThat(region.refCnt()).isZero();
                    assertThat(file.isOpen()).isFalse();
                    run.peer.takeAll();
                    run.settle();
                    assertThat(after.isSuccess()).isTrue();
                    assertThat(run.peer.text.toString())
                            .isEqualTo("<".repeat(15_000) + content.substring(10, 30_010) + ">");
                    run.finish();
                });
    }

    /// Notes how far a write is.
    private static final class Progress implements ChannelProgressiveFutureListener {
        private final List<Long> told = new ArrayList<>();

        @Override
        public void operationProgressed(ChannelProgressiveFuture write, long sent, long total) {
            assertThat(total).isEqualTo(30_000);
            told.add(sent);
        }

        @Override
        public void operationComplete(ChannelProgressiveFuture write) {
            told.add(-1L);
        }
    }

    @Test
    void theProgressOfARegionIsTold() {
        SimulatedRun.run(
                _ -> {},
                run -> {
                    var progress = new Progress();
                    var promise = run.channel.newProgressivePromise();
                    promise.addListener(progress);
                    run.channel.writeAndFlush(region(0, 30_000), promise);
                    run.settle();
                    assertThat(progress.told).last().isEqualTo(10_000L);
                    run.peer.takeAll();
                    run.settle();
                    assertThat(progress.told).endsWith(30_000L, -1L);
                    assertThat(progress.told.subList(0, progress.told.size() - 1)).isSorted();
                    run.finish();
                });
    }

    /// Cuts the connection when it hears of progress.
    private record Cutter(SimulatedRun run, List<Object> inTasks)
            implements ChannelProgressiveFutureListener {
        @Override
        public void operationProgressed(ChannelProgressiveFuture write, long sent, long total) {
            inTasks.add(Optional.ofNullable(run.loop.currentTask()));
            ((TransportChannel) run.channel).transport().abort();
        }

        @Override
        public void operationComplete(ChannelProgressiveFuture write) {}
    }

    @Test
    void aListenerOfProgressIsNoPartOfTheTransferAndMayCutTheConnection() {
        SimulatedRun.run(
                _ -> {},
                run -> {
                    var cutter = new Cutter(run, new ArrayList<>());
                    var promise = run.channel.newProgressivePromise();
                    promise.addListener(cutter);
                    var region = region(0, 30_000);
                    run.channel.writeAndFlush(region, promise);
                    run.settle();
                    assertThat(cutter.inTasks).containsExactly(Optional.empty());
                    assertThat(promise.cause()).isInstanceOf(IOException.class);
                    assertThat(region.refCnt()).isZero();
                    assertThat(run.channel.isOpen()).isFalse();
                    run.finish();
                });
    }

    @Test
    void anEmptyRegionIsDoneInItsPlace() {
        SimulatedRun.run(
                _ -> {},
                run -> {
                    var first = region(0, 0);
                    var second = region(5, 0);
                    var before = run.channel.writeAndFlush(first);
                    assertThat(before.isSuccess()).isTrue();
                    run.channel.write(bytes("x".repeat(20_000)));
                    var write = run.channel.write(second);
                    run.channel.writeAndFlush(bytes("y"));
                    run.settle();
                    assertThat(write.isDone()).isFalse();
                    run.peer.takeAll();
                    run.settle();
                    assertThat(write.isSuccess()).isTrue();
                    assertThat(run.peer.text).hasSize(20_001);
                    assertThat(first.refCnt() + second.refCnt()).isZero();
                    run.finish();
                });
    }

    @Test
    void aRegionWithoutItsFileFailsAndCutsTheConnection() {
        SimulatedRun.run(
                _ -> {},
                run -> {
                    var region = new DefaultFileRegion(folder.resolve("none").toFile(), 0, 10);
                    var write = run.channel.write(region);
                    var after = run.channel.writeAndFlush(bytes("after"));
                    run.settle();
                    assertThat(run.takeReports())
                            .singleElement()
                            .satisfies(report ->
                                    assertThat(report.exception()).isSameAs(write.cause()));
                    assertThat(write.cause()).isInstanceOf(FileNotFoundException.class);
                    assertThat(after.cause()).isInstanceOf(IOException.class);
                    assertThat(region.refCnt()).isZero();
                    assertThat(run.channel.isOpen()).isFalse();
                    run.peer.takeAll();
                    run.settle();
                    assertThat(run.peer.text).isEmpty();
                    run.finish();
                });
    }

    @Test
    void aRegionOfAFileThatIsTooShortFailsAndCutsTheConnection() {
        SimulatedRun.run(
                _ -> {},
                run -> {
                    var region = region(FILE_BYTES - 5_000, 5_001);
                    var write = run.channel.writeAndFlush(region);
                    run.peer.takeAll();
                    run.settle();
                    assertThat(write.cause())
                            .isInstanceOf(IOException.class)
                            .hasMessageContaining("100000");
                    assertThat(run.takeReports())
                            .singleElement()
                            .satisfies(report ->
                                    assertThat(report.exception()).isSameAs(write.cause()));
                    assertThat(region.refCnt()).isZero();
                    assertThat(run.channel.isOpen()).isFalse();
                    run.finish();
                });
    }

    @Test
    void closingSendsTheRegionsThatWereFlushedAndReleasesTheRest() {
        SimulatedRun.run(
                _ -> {},
                run -> {
                    var flushed = region(0, FILE_BYTES);
                    var unflushed = region(0, 1);
                    var write = run.channel.writeAndFlush(flushed);
                    var late = run.channel.write(unflushed);
                    run.settle();
                    var close = run.channel.close();
                    run.peer.takeAll();
                    run.settle();
                    run.peer.transport.close();
                    run.settle();
                    assertThat(close.isSuccess()).isTrue();
                    assertThat(write.isSuccess()).isTrue();
                    assertThat(late.cause()).isInstanceOf(IOException.class);
                    assertThat(flushed.refCnt() + unflushed.refCnt()).isZero();
                    assertThat(run.peer.text.toString()).isEqualTo(content);
                    run.finish();
                });
    }

    @Test
    void aRegionThatAPeerDoesNotTakeIsCutAfterTheLinger() {
        SimulatedRun.run(
                _ -> {},
                run -> {
                    var region = region(0, FILE_BYTES);
                    var write = run.channel.writeAndFlush(region);
                    run.settle();
                    var start = run.loop.time();
                    NettyFutures.await(run.channel.close());
                    assertThat(Duration.ofNanos(run.loop.time() - start))
                            .isEqualTo(Duration.ofSeconds(10));
                    run.settle();
                    assertThat(write.cause()).isInstanceOf(IOException.class);
                    assertThat(region.refCnt()).isZero();
                    run.finish();
                });
    }

    @Test
    void withoutALingerARegionIsCutAtOnce() {
        SimulatedRun.run(
                _ -> {},
                run -> {
                    run.channel.config().setOption(ChannelOption.SO_LINGER, 0);
                    var region = region(0, FILE_BYTES);
                    var write = run.channel.writeAndFlush(region);
                    run.settle();
                    NettyFutures.await(run.channel.close());
                    run.settle();
                    assertThat(write.cause()).isInstanceOf(IOException.class);
                    assertThat(region.refCnt()).isZero();
                    run.finish();
                });
    }

    @Test
    void aLostConnectionFailsTheRegionsThatHaveNotLeft() {
        SimulatedRun.run(
                _ -> {},
                run -> {
                    var regions = List.of(region(0, 5_000), region(0, FILE_BYTES), region(0, 1));
                    var writes = regions.stream().map(run.channel::write).toList();
                    run.channel.flush();
                    run.settle();
                    run.network.resetConnections("client", "server");
                    run.settle();
                    assertThat(writes.getFirst().isSuccess()).isTrue();
                    assertThat(writes.subList(1, 3))
                            .allSatisfy(write ->
                                    assertThat(write.cause()).isInstanceOf(IOException.class));
                    assertThat(regions).allMatch(region -> region.refCnt() == 0);
                    run.finish();
                });
    }

    @Test
    void aTransferThatIsCancelledFailsItsRegionAndCutsTheConnection() {
        SimulatedRun.run(
                _ -> {},
                run -> {
                    var region = region(0, FILE_BYTES);
                    var write = run.channel.writeAndFlush(region);
                    run.settle();
                    run.loop.allTasks().stream()
                            .filter(task -> task.name().equals("send file"))
                            .forEach(task -> task.cancel());
                    run.settle();
                    assertThat(write.isCancelled()).isTrue();
                    assertThat(region.refCnt()).isZero();
                    assertThat(run.channel.isOpen()).isFalse();
                    run.finish();
                });
    }

    @Test
    void aLoopThatClosesReleasesTheRegionsThatHaveNotLeft() {
        var regions = List.of(region(0, FILE_BYTES), region(0, 1));
        SimulatedRun.runAndTakeReports(
                _ -> {},
                run -> {
                    regions.forEach(run.channel::write);
                    run.channel.flush();
                    run.settle();
                },
                _ -> assertThat(regions).allMatch(region -> region.refCnt() == 0));
    }

    @Test
    void otherKindsOfRegionsAreRefusedWithAdvice() {
        SimulatedRun.run(
                _ -> {},
                run -> {
                    var region = new OwnRegion();
                    var write = run.channel.writeAndFlush(region);
                    assertThat(write.cause())
                            .isInstanceOf(UnsupportedOperationException.class)
                            .hasMessageContaining(OwnRegion.class.getName())
                            .hasMessageContaining("write a DefaultFileRegion");
                    assertThat(region.refCnt()).isZero();
                    assertThat(run.channel.isActive()).isTrue();
                    run.finish();
                });
    }

    // ---- for coroutines

    @Test
    void aSenderWaitsUntilARegionHasLeft() {
        SimulatedRun.run(
                _ -> {},
                run -> {
                    var connection = NettyConnection.of(run.channel);
                    var sender = run.loop.createTask(() -> connection.send(region(0, 30_000)));
                    run.settle();
                    run.peer.take(15_000);
                    run.settle();
                    assertThat(sender.isDone()).as("with 5 000 bytes left").isFalse();
                    run.peer.takeAll();
                    sender.await();
                    run.finish();
                });
    }

    @Test
    void aSenderIsPatientWithAPeerThatDoesNotTakeARegion() {
        SimulatedRun.run(
                _ -> {},
                run -> {
                    var connection = NettyConnection.of(run.channel);
                    var patience = Duration.ofSeconds(3);
                    var start = run.loop.time();
                    connection.sendWithin(patience, region(0, 5_000));
                    assertThatThrownBy(() -> connection.sendWithin(patience, region(0, 30_000)))
                            .isInstanceOf(TimedOutException.class);
                    assertThat(Duration.ofNanos(run.loop.time() - start))
                            .isBetween(patience, patience.plusMillis(10));
                    run.peer.takeAll();
                    run.settle();
                    assertThat(run.peer.text).as("it stayed on its way").hasSize(35_000);
                    run.finish();
                });
    }

    private void serveAndTakeReport(NettyHandler handler) {
        var reports =
                TestRun.runAndTakeReports(
                        SelectorEventLoop.builder().build(),
                        run -> {
                            var server = Servers.start(_ -> {}, handler);
                            try (var client =
                                    NettyConnection.open(_ -> {}, Servers.address(server))) {
                                assertThat(client.receive()).as("the end").isNull();
                            }
                            Servers.stop(server);
                        });
        assertThat(reports)
                .singleElement()
                .satisfies(report ->
                        assertThat(report.exception()).isInstanceOf(FileNotFoundException.class))
                .asString()
                .contains("cannot be sent");
    }

    @Test
    void aHandlerHearsOfAFileThatIsMissingAndSoDoesTheLoop() {
        serveAndTakeReport(connection -> {
            var missing = new DefaultFileRegion(folder.resolve("none").toFile(), 0, 10);
            assertThatThrownBy(() -> connection.send(missing))
                    .isInstanceOf(FileNotFoundException.class);
            assertThatThrownBy(connection::receive)
                    .isInstanceOf(IOException.class)
                    .hasRootCauseInstanceOf(FileNotFoundException.class);
            assertThatThrownBy(() -> connection.send(bytes("next")))
                    .isInstanceOf(IOException.class)
                    .hasRootCauseInstanceOf(FileNotFoundException.class);
            assertThatThrownBy(connection::close)
                    .isInstanceOf(IOException.class)
                    .hasRootCauseInstanceOf(FileNotFoundException.class);
        });
    }

    @Test
    void aHandlerThatFailsWithItsFileIsReportedOnce() {
        serveAndTakeReport(connection ->
                connection.send(new DefaultFileRegion(folder.resolve("none").toFile(), 0, 10)));
    }

    @Test
    void aFileThatIsMissingIsReportedWhereTheHandlerHasEnded() {
        serveAndTakeReport(connection ->
                connection
                        .channel()
                        .writeAndFlush(
                                new DefaultFileRegion(folder.resolve("none").toFile(), 0, 10)));
    }

    @Test
    void aPeerThatCutsADownloadIsNotReported() {
        TestRun.onSockets(run -> {
            var large = Files.write(folder.resolve("large"), new byte[32 * 1024 * 1024]);
            var failures = new ArrayList<Throwable>();
            var server =
                    Servers.start(
                            _ -> {},
                            connection -> {
                                try {
                                    connection.send(
                                            new DefaultFileRegion(
                                                    large.toFile(), 0, Files.size(large)));
                                } catch (IOException failure) {
                                    failures.add(failure);
                                    throw failure;
                                }
                            });
            var client = NettyConnection.open(_ -> {}, Servers.address(server));
            ReferenceCountUtil.release(client.receive());
            client.transport().abort();
            Servers.until(() -> !failures.isEmpty());
            client.close();
            Servers.stop(server);
        });
    }

    // ---- on sockets

    private void receiveFile(NettyConnection client) throws IOException {
        for (var part = 0; part < 2; part++) {
            var received = (ByteBuf) client.receive();
            assertThat(received.toString(US_ASCII)).isEqualTo(content);
            received.release();
        }
    }

    private void sendFile(NettyConnection connection) throws IOException {
        connection.send(region(0, FILE_BYTES));
        connection.send(bytes(content.substring(0, 10)));
        connection.send(region(10, FILE_BYTES - 10));
    }

    @Test
    void aRegionPassesThroughASocket() {
        TestRun.onSockets(run -> passThrough(NettyOptions.DEFAULTS, NettyOptions.DEFAULTS));
    }

    @Test
    void aRegionIsEncryptedByATransportThatIsSecured() {
        TestRun.onSockets(run -> {
            var context = ServerCertificate.context();
            passThrough(
                    NettyOptions.DEFAULTS.withListen(
                            ListenOptions.DEFAULTS.withTls(TlsOptions.server(context))),
                    NettyOptions.DEFAULTS.withConnect(
                            ConnectOptions.DEFAULTS.withTls(
                                    TlsOptions.client(context).withServerName("localhost"))));
        });
    }

    private void passThrough(NettyOptions ofServer, NettyOptions ofClient) throws IOException {
        var server = NettyServer.start(_ -> {}, this::sendFile, Servers.loopback(), ofServer);
        try (var client =
                NettyConnection.open(
                        pipeline -> pipeline.addLast(new FixedLengthFrameDecoder(FILE_BYTES)),
                        Servers.address(server),
                        ofClient)) {
            receiveFile(client);
        }
        Servers.stop(server);
    }

    /// As with Netty's own transports.
    @Test
    void nettysHandlerForTlsNeedsTheFileInChunks() {
        TestRun.onSockets(run -> {
            var context = ServerCertificate.context();
            var server =
                    Servers.start(
                            pipeline -> {
                                var engine = context.createSSLEngine();
                                engine.setUseClientMode(false);
                                pipeline.addLast("tls", new SslHandler(engine));
                                pipeline.addLast(new ChunkedWriteHandler());
                            },
                            connection -> {
                                var region = region(0, FILE_BYTES);
                                assertThatThrownBy(() -> connection.send(region))
                                        .isInstanceOf(UnsupportedOperationException.class)
                                        .hasMessageContaining("'tls'")
                                        .hasMessageContaining("ChunkedNioFile");
                                assertThat(region.refCnt()).isZero();
                                connection.send(new ChunkedNioFile(path.toFile()));
                                connection.send(bytes(content));
                            });
            try (var client =
                    NettyConnection.open(
                            pipeline -> pipeline.addLast(new FixedLengthFrameDecoder(FILE_BYTES)),
                            Servers.address(server),
                            NettyOptions.DEFAULTS.withConnect(
                                    ConnectOptions.DEFAULTS.withTls(
                                            TlsOptions.client(context)
                                                    .withServerName("localhost"))))) {
                receiveFile(client);
            }
            Servers.stop(server);
        });
    }
}
