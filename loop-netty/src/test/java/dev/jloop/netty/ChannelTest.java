package dev.jloop.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.IllegalReferenceCountException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A channel over a transport of the simulated network, whose buffers are known to the byte.
@Timeout(60)
@ExtendWith(LeakCheck.class)
@SuppressWarnings("FutureReturnValueIgnored") // what is awaited is what the peer sees
class ChannelTest {
    /// Notes the events, and keeps what it reads.
    private static final class Recorder extends ChannelDuplexHandler {
        final List<String> events = new ArrayList<>();
        final List<ByteBuf> kept = new ArrayList<>();

        @Override
        public void channelActive(ChannelHandlerContext context) {
            events.add("active");
            context.fireChannelActive();
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            var data = (ByteBuf) message;
            events.add("read " + data.readableBytes());
            kept.add(data);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            events.add("writable " + context.channel().isWritable());
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                events.add("input shut down");
            } else if (event instanceof ChannelOutputShutdownEvent) {
                events.add("output shut down");
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            events.add(cause instanceof IOException ? "lost" : "failure " + cause.getMessage());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            events.add("inactive");
        }

        @Override
        public void channelUnregistered(ChannelHandlerContext context) {
            events.add("unregistered");
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            kept.forEach(ByteBuf::release);
            kept.clear();
            events.add("removed");
        }
    }

    private final Recorder recorder = new Recorder();

    private static ByteBuf bytes(int count) {
        return Unpooled.copiedBuffer("x".repeat(count), US_ASCII);
    }

    private static List<ChannelFuture> write(SimulatedRun run, int messages, int bytesEach) {
        var writes = new ArrayList<ChannelFuture>();
        for (var i = 0; i < messages; i++) {
            writes.add(run.channel.writeAndFlush(bytes(bytesEach)));
        }
        return writes;
    }

    private static long done(List<ChannelFuture> writes) {
        return writes.stream().filter(ChannelFuture::isSuccess).count();
    }

    private static long failed(List<ChannelFuture> writes) {
        return writes.stream().filter(write -> write.cause() != null).count();
    }

    // ---- writing

    @Test
    void aWriteIsDoneWhenItsBytesHaveLeftAndNotEarlier() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    var writes = write(run, 200, 1000);
                    assertThat(done(writes)).as("within the turn").isZero();
                    run.settle();
                    assertThat(done(writes)).as("what the kernel takes").isEqualTo(10);
                    for (var taken = 5; taken <= 100; taken += 5) {
                        run.peer.take(5000);
                        run.settle();
                        assertThat(done(writes)).isEqualTo(10 + taken);
                    }
                    run.peer.takeAll();
                    run.settle();
                    assertThat(done(writes)).isEqualTo(200);
                    assertThat(run.peer.text).hasSize(200_000);
                    run.finish();
                });
    }

    @Test
    void aMessageThatHasLeftInPartIsNotDone() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    var writes = write(run, 1, 10_001);
                    run.settle();
                    assertThat(done(writes)).isZero();
                    run.peer.take(10_000);
                    run.settle();
                    assertThat(done(writes)).isEqualTo(1);
                    run.finish();
                });
    }

    @Test
    void theTransportHoldsNoMoreThanItsWindow() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    var transport = ((TransportChannel) run.channel).transport();
                    var writes = write(run, 1000, 1000);
                    var most = 0L;
                    for (var taken = 0; taken < 990; taken += 10) {
                        run.settle();
                        most = Math.max(most, transport.writeBufferSize());
                        run.peer.take(10_000);
                    }
                    run.settle();
                    assertThat(done(writes)).isEqualTo(1000);
                    assertThat(most).isBetween(54_000L, 66_000L);
                    run.finish();
                });
    }

    @Test
    void manySmallFlushesArriveInTheirOrder() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    var expected = new StringBuilder();
                    for (var i = 0; i < 5000; i++) {
                        var text = i + ",";
                        expected.append(text);
                        run.channel.write(Unpooled.copiedBuffer(text, US_ASCII));
                        if (i % 3 == 0) {
                            run.channel.flush();
                        }
                    }
                    run.channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
                    run.peer.takeAll();
                    run.settle();
                    assertThat(run.peer.text.toString()).isEqualTo(expected.toString());
                    run.finish();
                });
    }

    @Test
    void anEmptyMessageIsDoneInItsPlace() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    var first = run.channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
                    assertThat(first.isSuccess()).isTrue();
                    run.channel.writeAndFlush(bytes(15_000));
                    var behind = run.channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
                    run.settle();
                    assertThat(behind.isDone()).isFalse();
                    run.peer.takeAll();
                    run.settle();
                    assertThat(behind.isSuccess()).isTrue();
                    run.finish();
                });
    }

    @Test
    void writabilityCountsWhatHasNotLeft() {
        SimulatedRun.run(
                pipeline -> {
                    pipeline.channel()
                            .config()
                            .setWriteBufferWaterMark(new WriteBufferWaterMark(20_000, 40_000));
                    pipeline.addLast(recorder);
                },
                run -> {
                    write(run, 36, 1000);
                    assertThat(run.channel.isWritable()).as("36 * 1096 bytes").isTrue();
                    write(run, 1, 1000);
                    assertThat(run.channel.isWritable()).as("37 * 1096 bytes").isFalse();
                    run.settle();
                    assertThat(run.channel.isWritable()).as("27 * 1096 bytes").isFalse();
                    run.peer.take(9000);
                    run.settle();
                    assertThat(run.channel.isWritable()).as("18 * 1096 bytes").isTrue();
                    assertThat(recorder.events)
                            .containsExactly("active", "writable false", "writable true");
                    run.finish();
                });
    }

    @Test
    void whatWritesAgainWhenItsWriteIsDoneLeavesTheLoopItsTurns() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    run.peer.takeAll();
                    var again = new int[1];
                    writeAgain(run, again);
                    var turns = 0;
                    for (; again[0] < 50; turns++) {
                        Async.yieldNow();
                        if (turns % 100 == 99) {
                            run.settle();
                        }
                    }
                    assertThat(turns).isGreaterThan(25);
                    run.finish();
                });
    }

    private static void writeAgain(SimulatedRun run, int[] count) {
        run.channel
                .writeAndFlush(bytes(100_000))
                .addListener(written -> {
                    if (written.isSuccess() && count[0]++ < 100) {
                        writeAgain(run, count);
                    }
                });
    }

    @Test
    void whatNoHandlerEncodesIsRefusedByItsType() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    var write = run.channel.writeAndFlush("text");
                    assertThat(write.cause())
                            .isInstanceOf(UnsupportedOperationException.class)
                            .hasMessageContaining("java.lang.String");
                    run.finish();
                });
    }

    // ---- closing

    @Test
    void closingSendsWhatWasFlushedAndFailsTheRest() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    var flushed = write(run, 300, 1000);
                    var unflushed = run.channel.write(bytes(1000));
                    var close = run.channel.close();
                    assertThat(run.channel.isActive()).isFalse();
                    assertThat(run.channel.writeAndFlush(bytes(1)).cause())
                            .isInstanceOf(ClosedChannelException.class);
                    run.settle();
                    assertThat(close.isDone()).isFalse();
                    run.peer.takeAll();
                    run.settle();
                    assertThat(run.peer.text).hasSize(300_000);
                    assertThat(run.peer.ended).isTrue();
                    run.peer.transport.close();
                    run.settle();
                    assertThat(close.isSuccess()).isTrue();
                    assertThat(done(flushed)).isEqualTo(300);
                    assertThat(unflushed.cause()).isInstanceOf(ClosedChannelException.class);
                    assertThat(recorder.events).endsWith("inactive", "unregistered", "removed");
                    run.finish();
                });
    }

    @Test
    void aPeerThatDoesNotReadIsCutAfterTheLinger() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    var writes = write(run, 100, 1000);
                    var start = run.loop.time();
                    NettyFutures.await(run.channel.close());
                    assertThat(Duration.ofNanos(run.loop.time() - start))
                            .isEqualTo(Duration.ofSeconds(10));
                    run.settle();
                    assertThat(done(writes)).isEqualTo(10);
                    assertThat(failed(writes)).isEqualTo(90);
                    run.peer.takeAll();
                    run.settle();
                    assertThat(run.peer.cause).as("a reset").isInstanceOf(IOException.class);
                    run.finish();
                });
    }

    @Test
    void withoutALingerClosingCutsAtOnce() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    run.channel.config().setOption(ChannelOption.SO_LINGER, 0);
                    var writes = write(run, 100, 1000);
                    var start = run.loop.time();
                    NettyFutures.await(run.channel.close());
                    assertThat(run.loop.time()).isEqualTo(start);
                    run.settle();
                    assertThat(failed(writes)).isEqualTo(100);
                    run.finish();
                });
    }

    @Test
    void closingWhenAWriteIsDoneLosesNothing() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    run.peer.takeAll();
                    run.channel.writeAndFlush(bytes(50_000)).addListener(_ -> run.channel.close());
                    run.settle();
                    assertThat(run.peer.text).hasSize(50_000);
                    assertThat(run.peer.ended).isTrue();
                    run.finish();
                });
    }

    @Test
    void aTransportThatOthersCloseIsResetWhereFlushedBytesWouldBeMissing() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    var writes = write(run, 200, 1000);
                    run.settle();
                    ((TransportChannel) run.channel).transport().close();
                    run.peer.takeAll();
                    run.settle();
                    assertThat(run.peer.cause).as("no regular end").isInstanceOf(IOException.class);
                    assertThat(done(writes) + failed(writes)).isEqualTo(200);
                    assertThat(done(writes) * 1000)
                            .isLessThanOrEqualTo(run.peer.text.length() + 10_000);
                    run.finish();
                });
    }

    @Test
    void aTransportThatOthersCloseSendsWhatItHas() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    var writes = write(run, 20, 1000);
                    run.settle();
                    ((TransportChannel) run.channel).transport().close();
                    run.peer.takeAll();
                    run.settle();
                    run.peer.transport.close();
                    run.settle();
                    assertThat(run.peer.text).hasSize(20_000);
                    assertThat(done(writes)).isEqualTo(20);
                    run.finish();
                });
    }

    @Test
    void aTransportWhoseOutputOthersEndFailsWhatIsWrittenLaterAndEndsTheChannel() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    ((TransportChannel) run.channel).transport().writeEof();
                    var write = run.channel.writeAndFlush(bytes(100));
                    run.settle();
                    assertThat(write.cause())
                            .isInstanceOf(IOException.class)
                            .hasMessageContaining("cannot write after writeEof()");
                    assertThat(run.takeReports())
                            .singleElement()
                            .asString()
                            .contains("cannot be sent");
                    assertThat(run.channel.closeFuture().isSuccess()).isTrue();
                    assertThat(recorder.events)
                            .endsWith("lost", "inactive", "unregistered", "removed");
                    run.peer.takeAll();
                    run.settle();
                    assertThat(run.peer.cause).as("of what had left nothing is missing").isNull();
                    run.finish();
                });
    }

    @Test
    void aTransportWhoseOutputOthersEndIsResetWhereFlushedBytesWouldBeMissing() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    var writes = write(run, 200, 1000);
                    run.settle();
                    ((TransportChannel) run.channel).transport().writeEof();
                    run.peer.takeAll();
                    run.settle();
                    assertThat(run.peer.cause).as("no regular end").isInstanceOf(IOException.class);
                    assertThat(done(writes) + failed(writes)).isEqualTo(200);
                    assertThat(run.takeReports())
                            .singleElement()
                            .asString()
                            .contains("cannot write after writeEof()");
                    assertThat(run.channel.closeFuture().isSuccess()).isTrue();
                    run.finish();
                });
    }

    @Test
    void aBufferThatSomebodyElseHasReleasedIsReportedAndCutsTheConnection() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    var data = bytes(100);
                    var write = run.channel.write(data);
                    data.release();
                    run.channel.flush();
                    run.settle();
                    assertThat(write.cause())
                            .isInstanceOf(IOException.class)
                            .hasCauseInstanceOf(IllegalReferenceCountException.class);
                    assertThat(run.takeReports())
                            .singleElement()
                            .satisfies(report ->
                                    assertThat(report.exception()).isSameAs(write.cause()));
                    assertThat(run.channel.isOpen()).isFalse();
                    run.finish();
                });
    }

    @Test
    void aLostConnectionFailsWhatHasNotLeftWithItsCause() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    var writes = write(run, 100, 1000);
                    run.settle();
                    run.network.resetConnections("client", "server");
                    run.settle();
                    assertThat(done(writes)).isEqualTo(10);
                    assertThat(writes.subList(10, 100))
                            .allSatisfy(write ->
                                    assertThat(write.cause())
                                            .isInstanceOf(IOException.class)
                                            .isNotInstanceOf(ClosedChannelException.class));
                    assertThat(recorder.events)
                            .containsSubsequence(
                                    "active", "lost", "inactive", "unregistered", "removed");
                    run.finish();
                });
    }

    @Test
    void whoWritesAgainWhileTheChannelIsActiveEndsWithTheConnection() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    var count = new int[1];
                    write(run, 20, 1000);
                    writeWhileActive(run, count);
                    run.settle();
                    run.network.resetConnections("client", "server");
                    run.settle();
                    assertThat(count[0]).as("the one that was lost").isEqualTo(1);
                    assertThat(recorder.events).containsSubsequence("lost", "inactive");
                    run.finish();
                });
    }

    private static void writeWhileActive(SimulatedRun run, int[] count) {
        run.channel
                .writeAndFlush(bytes(1))
                .addListener(_ -> {
                    if (count[0]++ < 100 && run.channel.isActive()) {
                        writeWhileActive(run, count);
                    }
                });
    }

    @Test
    void aWriteFromTheListenerOfALostOneFailsAtOnceAndIsReleased() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    var writes = write(run, 20, 1000);
                    run.settle();
                    var data = bytes(1);
                    var late = new ArrayList<ChannelFuture>();
                    writes.getLast().addListener(_ -> late.add(run.channel.writeAndFlush(data)));
                    run.network.resetConnections("client", "server");
                    run.settle();
                    assertThat(late.getFirst().cause()).isInstanceOf(ClosedChannelException.class);
                    assertThat(data.refCnt()).isZero();
                    assertThat(writes.getLast().cause())
                            .isInstanceOf(IOException.class)
                            .isNotInstanceOf(ClosedChannelException.class);
                    run.finish();
                });
    }

    @Test
    void aLoopThatClosesEndsItsChannels() {
        var writes = new ArrayList<ChannelFuture>();
        var reports =
                SimulatedRun.runAndTakeReports(
                        pipeline -> pipeline.addLast(recorder),
                        run -> {
                            run.peer.transport.write("hello".getBytes(US_ASCII));
                            run.settle();
                            writes.addAll(write(run, 100, 1000));
                            run.settle();
                        },
                        _ -> {
                            assertThat(recorder.events)
                                    .endsWith("inactive", "unregistered", "removed");
                            assertThat(recorder.kept).isEmpty();
                            assertThat(done(writes)).isEqualTo(10);
                            assertThat(failed(writes)).isEqualTo(90);
                        });
        assertThat(reports)
                .as("both ends and the server were left open")
                .hasSize(3)
                .allSatisfy(report -> assertThat(report.message()).contains("never closed"));
    }

    // ---- reading

    @Test
    void eachReadGivesOneMessageWhereAutoReadIsOff() {
        SimulatedRun.run(
                pipeline -> {
                    pipeline.channel().config().setAutoRead(false);
                    pipeline.addLast(recorder);
                },
                run -> {
                    for (var i = 0; i < 3; i++) {
                        run.peer.transport.write(new byte[100]);
                        run.settle();
                    }
                    assertThat(recorder.events).containsExactly("active");
                    run.channel.read();
                    run.settle();
                    assertThat(recorder.events).hasSize(2);
                    run.peer.transport.write(new byte[7]);
                    run.settle();
                    assertThat(recorder.events).hasSize(2);
                    run.channel.read();
                    run.settle();
                    assertThat(recorder.events).last().isEqualTo("read 7");
                    run.channel.config().setAutoRead(true);
                    run.peer.transport.write(new byte[8]);
                    run.settle();
                    run.peer.transport.write(new byte[9]);
                    run.settle();
                    assertThat(recorder.events).endsWith("read 8", "read 9");
                    run.channel.config().setAutoRead(false);
                    run.peer.transport.write(new byte[10]);
                    run.settle();
                    assertThat(recorder.events).endsWith("read 9");
                    run.finish();
                });
    }

    @Test
    void keptBuffersOfAnySizeStayAsTheyWere() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    run.network.setWindow(1 << 20);
                    for (var i = 0; i < 30; i++) {
                        run.peer.transport.write(letters(i).getBytes(US_ASCII));
                        run.settle();
                    }
                    var all = new StringBuilder();
                    recorder.kept.forEach(data -> all.append(data.toString(US_ASCII)));
                    var expected = new StringBuilder();
                    for (var i = 0; i < 30; i++) {
                        expected.append(letters(i));
                    }
                    assertThat(all.toString()).isEqualTo(expected.toString());
                    run.finish();
                });
    }

    private static String letters(int number) {
        return Character.toString('a' + number % 26).repeat(1 + number * 997);
    }

    @Test
    void thePeersEndClosesTheChannelOnceWhatWasFlushedHasLeft() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    var writes = write(run, 100, 1000);
                    run.peer.transport.writeEof();
                    run.settle();
                    assertThat(run.channel.isActive()).isFalse();
                    run.peer.takeAll();
                    run.settle();
                    assertThat(run.peer.text).hasSize(100_000);
                    assertThat(done(writes)).isEqualTo(100);
                    assertThat(recorder.events).doesNotContain("input shut down");
                    run.finish();
                });
    }

    @Test
    void thePeersEndIsAnEventWhereHalfClosureIsAllowed() {
        SimulatedRun.run(
                pipeline -> {
                    pipeline.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
                    pipeline.addLast(recorder);
                },
                run -> {
                    run.peer.transport.writeEof();
                    run.settle();
                    assertThat(recorder.events).containsExactly("active", "input shut down");
                    assertThat(run.channel.isInputShutdown()).isTrue();
                    run.peer.takeAll();
                    write(run, 1, 5);
                    run.settle();
                    assertThat(run.peer.text).hasSize(5);
                    run.finish();
                });
    }

    @Test
    void theOutputEndsAfterWhatWasFlushedAndReadingGoesOn() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    var writes = write(run, 100, 1000);
                    var end = run.channel.shutdownOutput();
                    run.settle();
                    assertThat(end.isDone()).isFalse();
                    run.peer.takeAll();
                    run.settle();
                    assertThat(end.isSuccess()).isTrue();
                    assertThat(done(writes)).isEqualTo(100);
                    assertThat(run.peer.ended).isTrue();
                    assertThat(run.channel.writeAndFlush(bytes(1)).cause())
                            .isInstanceOf(IOException.class);
                    run.peer.transport.write(new byte[6]);
                    run.settle();
                    assertThat(recorder.events).endsWith("output shut down", "read 6");
                    run.finish();
                });
    }

    // ---- failures of handlers

    @Test
    void aFailureThatNoHandlerCatchesIsReportedAndAbortsTheConnection() {
        var reports =
                SimulatedRun.runAndTakeReports(
                        pipeline ->
                                pipeline.addLast(
                                        new ChannelInboundHandlerAdapter() {
                                            @Override
                                            public void channelRead(
                                                    ChannelHandlerContext context, Object message) {
                                                ((ByteBuf) message).release();
                                                throw new IllegalStateException("planted");
                                            }
                                        }),
                        run -> {
                            run.peer.transport.write(new byte[1]);
                            run.settle();
                            assertThat(run.channel.isOpen()).isFalse();
                            run.finish();
                        });
        assertThat(reports).singleElement().asString().contains("planted", "end of a pipeline");
    }

    @Test
    void aFailureThatAHandlerCatchesIsItsOwnAffair() {
        SimulatedRun.run(
                pipeline ->
                        pipeline.addLast(
                                new ChannelInboundHandlerAdapter() {
                                    @Override
                                    public void channelRead(
                                            ChannelHandlerContext context, Object message) {
                                        ((ByteBuf) message).release();
                                        throw new IllegalStateException("planted");
                                    }
                                },
                                recorder),
                run -> {
                    run.peer.transport.write(new byte[1]);
                    run.settle();
                    assertThat(recorder.events).contains("failure planted");
                    assertThat(run.channel.isActive()).isTrue();
                    run.finish();
                });
    }

    // ---- time

    @Test
    void idleHandlersRunOnTheClockOfTheLoop() {
        SimulatedRun.run(
                pipeline -> {
                    pipeline.addLast(new IdleStateHandler(0, 0, 3600));
                    pipeline.addLast(
                            new ChannelInboundHandlerAdapter() {
                                @Override
                                public void userEventTriggered(
                                        ChannelHandlerContext context, Object event) {
                                    if (event instanceof IdleStateEvent) {
                                        recorder.events.add("idle");
                                    }
                                }
                            });
                },
                run -> {
                    Async.sleep(Duration.ofMinutes(59));
                    assertThat(recorder.events).isEmpty();
                    Async.sleep(Duration.ofMinutes(2));
                    assertThat(recorder.events).containsExactly("idle");
                    run.finish();
                });
    }

    @Test
    void timersOfHandlersRepeatAndCanBeCancelled() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    var executor = run.channel.eventLoop();
                    var calls = new ArrayList<String>();
                    var start = run.loop.time();
                    var rate =
                            executor.scheduleAtFixedRate(
                                    () -> calls.add("rate"), 10, 10, TimeUnit.SECONDS);
                    var pause =
                            executor.scheduleWithFixedDelay(
                                    () -> calls.add("pause"), 15, 30, TimeUnit.SECONDS);
                    var once = executor.schedule(() -> "value", 25, TimeUnit.SECONDS);
                    var never = executor.schedule(() -> calls.add("never"), 5, TimeUnit.SECONDS);
                    assertThat(once.getDelay(TimeUnit.SECONDS)).isEqualTo(25);
                    assertThat(never.cancel(false)).isTrue();
                    assertThat(NettyFutures.await(once)).isEqualTo("value");
                    assertThat(run.loop.time() - start).isEqualTo(Duration.ofSeconds(25).toNanos());
                    rate.cancel(false);
                    Async.sleep(Duration.ofSeconds(30));
                    pause.cancel(false);
                    Async.sleep(Duration.ofSeconds(100));
                    assertThat(calls).containsExactly("rate", "pause", "rate", "pause");
                    run.finish();
                });
    }

    @Test
    void aTimerThatFailsIsReported() {
        var reports =
                SimulatedRun.runAndTakeReports(
                        pipeline -> pipeline.addLast(recorder),
                        run -> {
                            var timer =
                                    run.channel
                                            .eventLoop()
                                            .schedule(
                                                    () -> {
                                                        throw new IllegalStateException("planted");
                                                    },
                                                    1,
                                                    TimeUnit.SECONDS);
                            assertThatThrownBy(() -> NettyFutures.await(timer))
                                    .hasMessage("planted");
                            run.finish();
                        });
        assertThat(reports).singleElement().asString().contains("planted");
    }

    @Test
    void aHandlerCannotShutTheLoopDown() {
        SimulatedRun.run(
                pipeline -> pipeline.addLast(recorder),
                run -> {
                    var executor = run.channel.eventLoop();
                    assertThatThrownBy(executor::shutdownGracefully)
                            .isInstanceOf(UnsupportedOperationException.class);
                    assertThatThrownBy(executor::close)
                            .isInstanceOf(UnsupportedOperationException.class);
                    assertThat(run.channel.isActive()).isTrue();
                    run.finish();
                });
    }
}
