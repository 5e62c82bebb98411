package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.ContextVar;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/// What an endpoint for datagrams does on any network: one subclass for each.
@ExtendWith(LeakCheck.class)
abstract class DatagramContract {
    static final InetAddress LOCALHOST = InetAddress.ofLiteral("127.0.0.1");
    static final InetSocketAddress ANY_PORT = new InetSocketAddress(LOCALHOST, 0);

    /// A loop for one test.
    abstract EventLoop newLoop();

    /// The network under test.
    abstract Network newNetwork(EventLoop loop);

    /// An address on which nobody receives.
    abstract InetSocketAddress unused() throws IOException;

    /// The body of a test.
    @FunctionalInterface
    interface Body {
        void run(TestRun run, CongestibleNetwork network) throws Exception;
    }

    void onNetwork(Body body) {
        TestRun.run(
                newLoop(),
                run -> body.run(run, CongestibleNetwork.on(run.loop, newNetwork(run.loop))));
    }

    static RecordingDatagrams open(SocketAddress local, SocketAddress remote) throws IOException {
        return open(local, remote, DatagramOptions.DEFAULTS);
    }

    static RecordingDatagrams open(
            SocketAddress local, SocketAddress remote, DatagramOptions options) throws IOException {
        return open(new RecordingDatagrams(), local, remote, options);
    }

    static RecordingDatagrams open(
            RecordingDatagrams protocol,
            SocketAddress local,
            SocketAddress remote,
            DatagramOptions options)
            throws IOException {
        return Net.createDatagramEndpoint(() -> protocol, local, remote, options).protocol();
    }

    /// An endpoint that receives, and one that is connected to it.
    record Pair(RecordingDatagrams server, RecordingDatagrams client) {
        void send(String... texts) {
            for (var text : texts) {
                client.transport.send(buffer(text));
            }
        }
    }

    /// A test with two endpoints, which are closed at the end.
    @FunctionalInterface
    interface PairBody {
        void run(TestRun run, CongestibleNetwork network, Pair pair) throws Exception;
    }

    void withPair(PairBody body) {
        withPair(DatagramOptions.DEFAULTS, body);
    }

    void withPair(DatagramOptions options, PairBody body) {
        onNetwork((run, network) -> {
            var server = open(ANY_PORT, null, options);
            var client = open(null, server.address(), options);
            try {
                body.run(run, network, new Pair(server, client));
            } finally {
                endAll(server, client);
            }
            assertThat(network.hasOpenLinks()).isFalse();
        });
    }

    static void endAll(RecordingDatagrams... protocols) {
        for (var protocol : protocols) {
            protocol.transport.abort();
            protocol.awaitLost();
        }
        Async.yieldNow();
    }

    /// Lets so many turns pass that the loop has polled in between.
    static void letPass() {
        for (var turn = 0; turn < 100; turn++) {
            Async.yieldNow();
        }
    }

    static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(US_ASCII));
    }

    static String[] numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toArray(String[]::new);
    }

    @Test
    void datagramsComeWholeAndAreAnsweredAndTheEndComesOnce() {
        withPair((_, _, pair) -> {
            pair.server().onData =
                    (data, sender) -> pair.server().transport.sendTo(data.retain(), sender);
            pair.send("first", "second");
            pair.client().awaitCount(2);
            assertThat(pair.server().received).containsExactly("first", "second");
            assertThat(pair.client().received).containsExactly("first", "second");
            assertThat(pair.server().senders).containsOnly(pair.client().address());
            assertThat(pair.client().senders).containsOnly(pair.server().address());
            pair.client().transport.close();
            pair.client().transport.close();
            assertThat(pair.client().events).doesNotContain("lost");
            pair.client().awaitLost();
            pair.client().transport.abort();
            letPass();
            assertThat(pair.client().events).containsExactly("made", "data", "lost");
        });
    }

    @Test
    void anEmptyDatagramIsSentLikeAnyOther() {
        withPair((_, _, pair) -> {
            pair.send("", "text", "", "");
            pair.client().transport.send(Unpooled.EMPTY_BUFFER);
            pair.server().awaitCount(5);
            assertThat(pair.server().received).containsExactly("", "text", "", "", "");
        });
    }

    @Test
    void anEmptyDatagramIsSentFromTheQueueToo() {
        withPair((_, network, pair) -> {
            network.takeOnly(0);
            pair.send("", "a", "", "b", "");
            letPass();
            assertThat(pair.server().received).isEmpty();
            assertThat(pair.client().transport.writeBufferSize()).isEqualTo(5 * 8 + 2);
            // After a datagram the network may be full, and sockets do not tell of an empty one.
            network.takeOnly(2);
            pair.server().awaitCount(2);
            network.takeOnly(1000);
            pair.server().awaitCount(5);
            assertThat(pair.server().received).containsExactly("", "a", "", "b", "");
            assertThat(pair.client().transport.writeBufferSize()).isZero();
        });
    }

    @Test
    void anEndpointWithARemoteAddressHearsNobodyElse() {
        withPair((_, _, pair) -> {
            var stranger = open(ANY_PORT, null);
            stranger.transport.sendTo(buffer("strange"), pair.client().address());
            pair.send("hello");
            pair.server().awaitCount(1);
            pair.server().transport.sendTo(buffer("answer"), pair.client().address());
            pair.client().awaitCount(1);
            assertThat(pair.client().received).containsExactly("answer");
            assertThat(pair.client().transport.extra(Key.PEER_ADDRESS))
                    .isEqualTo(pair.server().address());
            assertThat(pair.server().transport.extra(Key.PEER_ADDRESS)).isNull();
            assertThat(pair.server().transport.extra(Key.SSL_SESSION)).isNull();
            endAll(stranger);
        });
    }

    @Test
    void anEndpointWithARemoteAddressSendsThereOnly() {
        withPair((_, _, pair) -> {
            var transport = pair.client().transport;
            transport.sendTo(buffer("hello"), pair.server().address());
            pair.server().awaitCount(1);
            var other = new InetSocketAddress(LOCALHOST, 9);
            var data = buffer("x");
            assertThatThrownBy(() -> transport.sendTo(data, other))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("cannot send to 127.0.0.1:9")
                    .hasMessageContaining(Addresses.text(pair.server().address()));
            assertThat(data.remaining()).isEqualTo(1);
            var owned = Unpooled.directBuffer().writeByte(1);
            assertThatThrownBy(() -> transport.sendTo(owned, other))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(owned.refCnt()).isZero();
        });
    }

    @Test
    void anEndpointWithoutARemoteAddressNeedsOneForEachDatagram() {
        withPair((_, _, pair) -> {
            assertThatThrownBy(() -> pair.server().transport.send(buffer("x")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("use sendTo(data, address)");
            var owned = Unpooled.directBuffer().writeByte(1);
            assertThatThrownBy(() -> pair.server().transport.send(owned))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(owned.refCnt()).isZero();
        });
    }

    private static void assertRefused(
            DatagramTransport transport, SocketAddress address, String message) {
        assertThatThrownBy(() -> transport.sendTo(buffer("x"), address))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void addressesThatNoDatagramReachesAreRefusedWithWhatToDo() {
        withPair((_, _, pair) -> {
            var transport = pair.server().transport;
            assertRefused(
                    transport,
                    InetSocketAddress.createUnresolved("example.test", 53),
                    "cannot send to example.test:53: it is not resolved; find the address of the"
                            + " host before, with Network.of(loop).resolve(\"example.test\")");
            assertRefused(transport, ANY_PORT, "nobody can receive on port 0");
            assertRefused(
                    transport,
                    UnixDomainSocketAddress.of("socket"),
                    "datagrams go to internet addresses only");
            assertRefused(
                    transport,
                    new InetSocketAddress(InetAddress.ofLiteral("::1"), 53),
                    "an address of the other family");
        });
    }

    @Test
    void wrongAddressesForAnEndpointAreRefusedWithWhatToDo() {
        onNetwork((_, network) -> {
            assertThatThrownBy(() -> open(null, null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("neither a local nor a remote address was given");
            assertThatThrownBy(() -> open(null, ANY_PORT))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("127.0.0.1:0 has port 0");
            assertThatThrownBy(() -> open(UnixDomainSocketAddress.of("socket"), null))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("the JDK has none; use UDP on the loopback interface");
            var six = new InetSocketAddress(InetAddress.ofLiteral("::1"), 53);
            assertThatThrownBy(() -> open(ANY_PORT, six))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("on 127.0.0.1:0 to [0:0:0:0:0:0:0:1]:53")
                    .hasMessageContaining("one of the addresses is of IPv4 and the other of IPv6");
            assertThat(network.hasOpenLinks()).isFalse();
        });
    }

    @Test
    void anAddressInUseIsNamed() {
        withPair((_, _, pair) ->
                assertThatThrownBy(() -> open(pair.server().address(), null))
                        .isInstanceOf(java.net.BindException.class)
                        .hasMessageContaining(
                                "cannot open a datagram endpoint on "
                                        + Addresses.text(pair.server().address()))
                        .hasMessageContaining("in use")
                        .hasMessageContaining("withReusePort(true)"));
    }

    @Test
    void anErrorOfOneDatagramIsToldAndTheEndpointGoesOn() {
        withPair((_, network, pair) -> {
            var cause = new IOException("boom");
            network.sendFailures.add(cause);
            pair.send("lost");
            assertThat(pair.client().errors)
                    .singleElement()
                    .satisfies(error ->
                            assertThat(error)
                                    .hasCause(cause)
                                    .hasMessage(
                                            "cannot send a datagram of 4 bytes to "
                                                    + Addresses.text(pair.server().address())
                                                    + ": boom"));
            pair.send("sent");
            pair.server().awaitCount(1);
            assertThat(pair.server().received).containsExactly("sent");
        });
    }

    @Test
    void whoSendsAgainWhatIsRefusedDoesNotStopTheLoop() {
        withPair((_, _, pair) -> {
            var tooLarge = ByteBuffer.allocate(70_000);
            pair.client().onError = _ -> pair.client().transport.send(tooLarge.duplicate());

            pair.client().transport.send(tooLarge.duplicate());
            assertThat(pair.client().errors).as("told at once").hasSize(1);
            pair.client().awaitErrors(5000);
        });
    }

    @Test
    void anErrorOfAQueuedDatagramIsToldAndTheNextOneIsSent() {
        withPair((_, network, pair) -> {
            network.takeOnly(0);
            pair.send("lost", "sent");
            network.sendFailures.add(new IOException("boom"));
            network.takeOnly(1000);
            pair.server().awaitCount(1);
            assertThat(pair.server().received).containsExactly("sent");
            assertThat(pair.client().errors).hasSize(1);
            assertThat(pair.client().transport.writeBufferSize()).isZero();
        });
    }

    @Test
    void anyOtherFailureOfSendingEndsTheEndpointWithIt() {
        withPair((run, network, pair) -> {
            var failure = new IllegalStateException("boom");
            network.sendFailures.add(failure);
            pair.send("x");
            assertThat(pair.client().transport.isClosing()).isTrue();
            pair.client().awaitLost();
            assertThat(pair.client().events).containsExactly("made", "broken");
            assertThat(pair.client().lossCause).isSameAs(failure);
            assertThat(run.takeReports())
                    .singleElement()
                    .satisfies(report -> {
                        assertThat(report.exception()).isSameAs(failure);
                        assertThat(report.details()).containsKeys("transport", "protocol");
                    });
        });
    }

    @Test
    void anyOtherFailureOfAQueuedDatagramEndsTheEndpointWithIt() {
        withPair((run, network, pair) -> {
            network.takeOnly(0);
            pair.send("a", "b");
            network.sendFailures.add(new IllegalStateException("boom"));
            network.takeOnly(1000);
            pair.client().awaitLost();
            assertThat(pair.client().events).containsExactly("made", "broken");
            assertThat(pair.client().transport.writeBufferSize()).isZero();
            assertThat(run.takeReports()).hasSize(1);
        });
    }

    @Test
    void anErrorOfReceivingIsToldAndTheEndpointGoesOn() {
        withPair((_, network, pair) -> {
            network.receiveFailures.add(new IOException("boom"));
            pair.send("received");
            pair.server().awaitCount(1);
            assertThat(pair.server().events).containsExactly("made", "error", "data");
            assertThat(pair.server().errors.getFirst())
                    .hasMessage(
                            "cannot receive on "
                                    + Addresses.text(pair.server().address())
                                    + ": boom");
        });
    }

    @Test
    void anyOtherFailureOfReceivingEndsTheEndpointWithIt() {
        withPair((run, network, pair) -> {
            var failure = new IllegalStateException("boom");
            network.receiveFailures.add(failure);
            pair.send("x");
            pair.server().awaitLost();
            assertThat(pair.server().lossCause).isSameAs(failure);
            assertThat(run.takeReports()).hasSize(1);
        });
    }

    @Test
    void aDatagramThatIsTooLargeIsToldWithItsSize() {
        withPair((_, _, pair) -> {
            pair.client().transport.send(ByteBuffer.allocate(70_000));
            assertThat(pair.client().errors)
                    .singleElement()
                    .satisfies(error ->
                            assertThat(error)
                                    .hasMessageContaining("cannot send a datagram of 70000 bytes")
                                    .hasMessageContaining("at most 65,507 bytes over IPv4"));
            pair.send("small");
            pair.server().awaitCount(1);
        });
    }

    @Test
    void theLargestDatagramComesWhole() {
        withPair((_, _, pair) -> {
            pair.send("x".repeat(65_507));
            pair.server().awaitCount(1);
            assertThat(pair.server().received.getFirst()).hasSize(65_507);
        });
    }

    @Test
    void aDatagramLargerThanTheOptionsAllowIsNotHandedOverInPart() {
        withPair(
                DatagramOptions.DEFAULTS.withLargestReceived(10),
                (_, _, pair) -> {
                    pair.send("eleven char", "ten chars.", "x".repeat(5000), "short");
                    pair.server().awaitCount(2);
                    assertThat(pair.server().received).containsExactly("ten chars.", "short");
                    assertThat(pair.server().errors)
                            .hasSize(2)
                            .allSatisfy(error ->
                                    assertThat(error)
                                            .hasMessageContaining(
                                                    Addresses.text(pair.client().address()))
                                            .hasMessageContaining("has more than 10 bytes")
                                            .hasMessageContaining("withLargestReceived"));
                });
    }

    @Test
    void anEndpointLearnsThatNobodyReceivesAtItsRemoteAddressAndGoesOn() {
        onNetwork((_, _) -> {
            var nobody = unused();
            var client = open(null, nobody);
            client.transport.send(buffer("anybody?"));
            client.awaitErrors(1);
            assertThat(client.errors.getFirst())
                    .isInstanceOf(PortUnreachableException.class)
                    .hasMessageContaining("no program receives on " + Addresses.text(nobody));
            assertThat(client.transport.isClosing()).isFalse();
            var server = open(nobody, null);
            client.transport.send(buffer("now?"));
            server.awaitCount(1);
            endAll(client, server);
        });
    }

    @Test
    void theNewsOfAnUnreachablePortDoesNotSwallowTheNextDatagram() {
        withPair((_, network, pair) -> {
            network.sendFailures.add(new PortUnreachableException());
            pair.send("next");
            assertThat(pair.client().errors)
                    .singleElement()
                    .isInstanceOf(PortUnreachableException.class);
            pair.server().awaitCount(1);
            network.takeOnly(0);
            pair.send("queued");
            network.sendFailures.add(new PortUnreachableException());
            network.takeOnly(10);
            pair.server().awaitCount(2);
            assertThat(pair.client().errors).hasSize(2);
        });
    }

    @Test
    void aDatagramToNobodyDoesNotKeepOthersFromComing() {
        onNetwork((_, _) -> {
            var nobody = unused();
            var receiver = open(ANY_PORT, null);
            var third = open(ANY_PORT, null);
            receiver.transport.sendTo(buffer("anybody?"), nobody);
            third.transport.sendTo(buffer("hello"), receiver.address());
            receiver.awaitCount(1);
            assertThat(receiver.events).containsExactly("made", "data");
            endAll(receiver, third);
        });
    }

    @Test
    void whatTheNetworkDoesNotTakeIsQueuedInOrderAndWritingPausesAndResumes() {
        withPair((_, network, pair) -> {
            var transport = pair.client().transport;
            transport.setWriteBufferLimits(100, 20);
            network.takeOnly(3);
            var texts = numbers(100);
            pair.send(texts);
            assertThat(pair.client().events).containsExactly("made", "pause");
            assertThat(transport.writeBufferSize()).isEqualTo(97 * 8 + 7 + 90 * 2);
            network.takeOnly(90);
            pair.server().awaitCount(93);
            assertThat(transport.writeBufferSize()).isEqualTo(7 * 10);
            assertThat(pair.client().events).containsExactly("made", "pause");
            network.takeOnly(5);
            pair.client().await("resume");
            assertThat(transport.writeBufferSize()).isEqualTo(2 * 10);
            network.takeOnly(1000);
            pair.server().awaitCount(100);
            assertThat(pair.server().received).containsExactly(texts);
            assertThat(transport.writeBufferSize()).isZero();
            assertThat(pair.client().events).containsExactly("made", "pause", "resume");
        });
    }

    @Test
    void aProtocolMaySendWhenWritingResumes() {
        withPair((_, network, pair) -> {
            pair.client().transport.setWriteBufferLimits(0);
            pair.client().onResume = () -> pair.send("more");
            network.takeOnly(0);
            pair.send("some");
            network.takeOnly(1000);
            pair.server().awaitCount(2);
            assertThat(pair.server().received).containsExactly("some", "more");
        });
    }

    @Test
    void queuedDatagramsAreCopiesUnlessTheBufferWasHandedOver() {
        withPair((_, network, pair) -> {
            network.takeOnly(0);
            var reused = buffer("first");
            pair.client().transport.send(reused);
            assertThat(reused.hasRemaining()).isFalse();
            reused.put(0, (byte) 'X');
            var owned = Unpooled.directBuffer().writeBytes(buffer("owned"));
            pair.client().transport.send(owned);
            assertThat(owned.refCnt()).isEqualTo(1);
            var composite = Unpooled.wrappedBuffer(buffer("of "), buffer("parts"));
            pair.client().transport.sendTo(composite, pair.server().address());
            network.takeOnly(1000);
            pair.server().awaitCount(3);
            assertThat(pair.server().received).containsExactly("first", "owned", "of parts");
            assertThat(owned.refCnt()).isZero();
            assertThat(composite.refCnt()).isZero();
        });
    }

    @Test
    void aBufferThatWasSentAtOnceIsReleased() {
        withPair((_, _, pair) -> {
            var owned = Unpooled.directBuffer().writeBytes(buffer("skip owned")).skipBytes(5);
            pair.client().transport.send(owned);
            assertThat(owned.refCnt()).isZero();
            pair.server().awaitCount(1);
            assertThat(pair.server().received).containsExactly("owned");
        });
    }

    private static List<String> logged(Class<?> source, Runnable body) {
        var log = (Logger) LoggerFactory.getLogger(source);
        var appender = new ListAppender<ILoggingEvent>();
        appender.start();
        log.addAppender(appender);
        log.setAdditive(false);
        try {
            body.run();
        } finally {
            log.detachAppender(appender);
            log.setAdditive(true);
        }
        return appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void theQueueHasABoundBeyondWhichDatagramsAreDroppedCountedAndWarnedOf() {
        withPair(
                DatagramOptions.DEFAULTS.withQueueBound(100),
                (_, network, pair) -> {
                    var transport = pair.client().transport;
                    network.takeOnly(0);
                    var owned = new ArrayList<ByteBuf>();
                    var warnings =
                            logged(
                                    DatagramOutput.class,
                                    () -> {
                                        for (var count = 0; count < 1000; count++) {
                                            owned.add(Unpooled.directBuffer().writeByte('x'));
                                            transport.send(owned.getLast());
                                        }
                                        pair.send("x", "");
                                    });
                    assertThat(transport.writeBufferSize()).isEqualTo(11 * 9);
                    assertThat(transport.droppedDatagrams()).isEqualTo(1002 - 11);
                    assertThat(owned.stream().filter(data -> data.refCnt() > 0)).hasSize(11);
                    assertThat(warnings).hasSizeLessThan(15);
                    assertThat(warnings.getFirst())
                            .startsWith("1 datagrams were dropped because the queue of")
                            .contains("withQueueBound from 100");
                    network.takeOnly(1000);
                    pair.client().await("resume");
                    pair.send("last");
                    pair.server().awaitCount(12);
                    assertThat(pair.server().received).endsWith("x", "last").hasSize(12);
                    assertThat(pair.client().events).containsExactly("made", "pause", "resume");
                });
    }

    @Test
    void anEmptyQueueTakesADatagramThatIsBeyondItsBound() {
        withPair(
                DatagramOptions.DEFAULTS.withQueueBound(1),
                (_, network, pair) -> {
                    network.takeOnly(0);
                    pair.send("far more than one byte", "too much");
                    network.takeOnly(1000);
                    pair.server().awaitCount(1);
                    assertThat(pair.client().transport.droppedDatagrams()).isEqualTo(1);
                    assertThat(pair.server().received).containsExactly("far more than one byte");
                });
    }

    @Test
    void theWildcardAddressIsNobodyToSendTo() {
        onNetwork((_, _) -> {
            var nobody = new InetSocketAddress(1234);
            assertThatThrownBy(() -> open(null, nobody))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("0.0.0.0:1234")
                    .hasMessageContaining("getLoopbackAddress()");
            var endpoint = open(ANY_PORT, null);
            assertThatThrownBy(() -> endpoint.transport.sendTo(buffer("x"), nobody))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("nobody's address");
            endAll(endpoint);
        });
    }

    @Test
    void theMarksAreCheckedAgainstEachOtherAndTheBound() {
        withPair((_, network, pair) -> {
            var transport = pair.client().transport;
            assertThatThrownBy(() -> transport.setWriteBufferLimits(1, 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("high was 1 and low was 2");
            assertThatThrownBy(() -> transport.setWriteBufferLimits(1, -1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> transport.setWriteBufferLimits(1024 * 1024))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("1048576 (the bound of the queue)");
            network.takeOnly(0);
            pair.send("four");
            transport.setWriteBufferLimits(11);
            assertThat(pair.client().events).containsExactly("made", "pause");
            transport.setWriteBufferLimits(12, 12);
            assertThat(pair.client().events).containsExactly("made", "pause", "resume");
        });
    }

    @Test
    void closeSendsWhatIsQueuedFirst() {
        withPair((_, network, pair) -> {
            network.takeOnly(0);
            pair.send("a", "", "b");
            pair.client().transport.close();
            assertThat(pair.client().transport.isClosing()).isTrue();
            assertThat(pair.client().transport.isReading()).isFalse();
            letPass();
            assertThat(pair.client().events).containsExactly("made");
            network.takeOnly(1000);
            pair.client().awaitLost();
            pair.server().awaitCount(3);
            assertThat(pair.server().received).containsExactly("a", "", "b");
            assertThat(pair.client().lossCause).isNull();
        });
    }

    @Test
    void abortDropsWhatIsQueuedAlsoWhileItIsClosing() {
        withPair((_, network, pair) -> {
            network.takeOnly(0);
            var owned = Unpooled.directBuffer().writeByte(1);
            pair.client().transport.send(owned);
            pair.client().transport.close();
            pair.client().transport.abort();
            assertThat(owned.refCnt()).isZero();
            assertThat(pair.client().transport.writeBufferSize()).isZero();
            assertThat(pair.client().events).containsExactly("made");
            network.takeOnly(1000);
            pair.client().awaitLost();
            letPass();
            assertThat(pair.client().events).containsExactly("made", "lost");
            assertThat(pair.server().received).isEmpty();
        });
    }

    @Test
    void whatIsSentAfterCloseIsDroppedAndWarnedOfFromTheFifthOn() {
        withPair((_, _, pair) -> {
            var transport = pair.client().transport;
            transport.close();
            var owned = Unpooled.directBuffer().writeByte(1);
            var data = buffer("never");
            assertThat(
                            logged(
                                    DatagramOutput.class,
                                    () -> {
                                        transport.send(owned);
                                        transport.send(data);
                                        pair.send("never", "never");
                                    }))
                    .isEmpty();
            assertThat(owned.refCnt()).isZero();
            assertThat(data.hasRemaining()).isFalse();
            assertThat(logged(DatagramOutput.class, () -> pair.send("never")))
                    .singleElement()
                    .asString()
                    .startsWith("5 datagrams were dropped because DatagramTransport[");
            assertThat(logged(DatagramOutput.class, () -> pair.send(numbers(1000))))
                    .hasSizeLessThan(15);
            assertThat(transport.droppedDatagrams()).isZero();
            letPass();
            assertThat(pair.server().received).isEmpty();
        });
    }

    @Test
    void aBorrowedBufferMayBeKeptAndSentOnWhenItIsRetained() {
        withPair((_, network, pair) -> {
            var kept = new ArrayList<ByteBuf>();
            pair.server().onData =
                    (data, sender) -> {
                        kept.add(data.retain());
                        pair.server().transport.sendTo(data.retainedSlice(), sender);
                    };
            network.takeOnly(3);
            pair.send("one", "two");
            pair.server().awaitCount(2);
            assertThat(kept)
                    .extracting(data -> data.toString(US_ASCII))
                    .containsExactly("one", "two");
            kept.forEach(ByteBuf::release);
            network.takeOnly(1000);
            pair.client().awaitCount(2);
            assertThat(pair.client().received).containsExactly("one", "two");
            assertThat(kept).allSatisfy(data -> assertThat(data.refCnt()).isZero());
        });
    }

    @Test
    void aProtocolThatGivesAwayWhatItHasNotRetainedIsToldSo() {
        withPair((run, _, pair) -> {
            pair.server().onData = (data, sender) -> pair.server().transport.sendTo(data, sender);
            pair.send("x");
            pair.server().awaitCount(1);
            letPass();
            assertThat(run.takeReports())
                    .singleElement()
                    .satisfies(report ->
                            assertThat(report.exception()).hasMessageContaining("call retain()"));
            assertThat(pair.client().received).isEmpty();
        });
    }

    @Test
    void aProtocolThatReleasesWhatItBorrowedIsToldSoAndHarmsNobody() {
        withPair((run, _, pair) -> {
            pair.server().onData = (data, _) -> data.release();
            pair.send("one", "two");
            pair.server().awaitCount(2);
            letPass();
            assertThat(run.takeReports())
                    .hasSize(2)
                    .allSatisfy(report ->
                            assertThat(report.exception()).hasMessageContaining("only borrowed"));
            assertThat(pair.server().received).containsExactly("one", "two");
        });
    }

    @Test
    void aQueuedBufferReleasedBySomeoneElseEndsTheEndpointWithWhatToDo() {
        withPair((run, network, pair) -> {
            network.takeOnly(0);
            var owned = Unpooled.directBuffer().writeByte(1);
            pair.client().transport.send(owned);
            owned.release();
            network.takeOnly(1000);
            pair.client().awaitLost();
            assertThat(pair.client().lossCause)
                    .hasMessageContaining("released by someone else")
                    .hasMessageContaining("retain()");
            assertThat(run.takeReports()).hasSize(1);
        });
    }

    private static RuntimeException boom() {
        return new IllegalStateException("boom");
    }

    private static void assertBooms(TestRun run, int count) {
        assertThat(run.takeReports())
                .hasSize(count)
                .allSatisfy(report -> assertThat(report.exception()).hasMessage("boom"));
    }

    @Test
    void whatTheProtocolThrowsIsReportedAndTheEndpointGoesOn() {
        onNetwork((run, network) -> {
            var server = new RecordingDatagrams();
            server.onMade =
                    _ -> {
                        throw boom();
                    };
            server.onData =
                    (_, _) -> {
                        throw boom();
                    };
            open(server, ANY_PORT, null, DatagramOptions.DEFAULTS);
            assertBooms(run, 1);
            var client = open(null, server.address());
            client.onError =
                    _ -> {
                        throw boom();
                    };
            client.onPause =
                    () -> {
                        throw boom();
                    };
            client.onResume = client.onPause;
            client.onLost = client.onPause;
            network.sendFailures.add(new IOException("lost"));
            client.transport.send(buffer("never"));
            assertBooms(run, 1);
            client.transport.setWriteBufferLimits(0);
            network.takeOnly(0);
            client.transport.send(buffer("one"));
            client.transport.send(buffer("two"));
            assertBooms(run, 1);
            network.takeOnly(1000);
            server.awaitCount(2);
            client.await("resume");
            letPass();
            assertBooms(run, 3);
            assertThat(server.transport.isClosing()).isFalse();
            endAll(client, server);
            assertBooms(run, 1);
            assertThat(network.hasOpenLinks()).isFalse();
        });
    }

    @Test
    void receivingPausesAndResumes() {
        withPair((_, _, pair) -> {
            var transport = pair.server().transport;
            transport.pauseReading();
            transport.pauseReading();
            assertThat(transport.isReading()).isFalse();
            pair.send("early");
            letPass();
            assertThat(pair.server().received).isEmpty();
            transport.resumeReading();
            transport.resumeReading();
            assertThat(transport.isReading()).isTrue();
            pair.server().awaitCount(1);
            transport.close();
            transport.resumeReading();
            assertThat(transport.isReading()).isFalse();
        });
    }

    @Test
    void receivingPausedInConnectionMadeStartsWithResumeReading() {
        onNetwork((_, _) -> {
            var server = new RecordingDatagrams();
            server.onMade = DatagramTransport::pauseReading;
            open(server, ANY_PORT, null, DatagramOptions.DEFAULTS);
            var client = open(null, server.address());
            client.transport.send(buffer("early"));
            letPass();
            assertThat(server.received).isEmpty();
            server.transport.resumeReading();
            server.awaitCount(1);
            endAll(server, client);
        });
    }

    @Test
    void nothingComesAfterAProtocolHasPausedOrClosedWithinACallback() {
        withPair((_, _, pair) -> {
            pair.server().onData =
                    (_, _) -> {
                        if (pair.server().received.size() == 7) {
                            pair.server().transport.pauseReading();
                        }
                        if (pair.server().received.size() == 20) {
                            pair.server().transport.close();
                        }
                    };
            pair.send(numbers(100));
            pair.server().awaitCount(7);
            letPass();
            assertThat(pair.server().received).hasSize(7);
            pair.server().transport.resumeReading();
            pair.server().awaitLost();
            assertThat(pair.server().received).hasSize(20);
            assertThat(pair.server().events).containsExactly("made", "data", "lost");
        });
    }

    @Test
    void aBusyEndpointLeavesTurnsToOthers() {
        withPair((run, _, pair) -> {
            pair.server().transport.pauseReading();
            pair.send(numbers(200));
            pair.server().transport.resumeReading();
            var most = 0;
            var before = 0;
            while (before < 200) {
                Async.yieldNow();
                var now = pair.server().received.size();
                most = Math.max(most, now - before);
                before = now;
            }
            assertThat(most).isBetween(2, 32);
            assertThat(run.takeReports()).isEmpty();
        });
    }

    @Test
    void aQueueThatEmptiesLeavesTurnsToOthers() {
        withPair((_, network, pair) -> {
            network.takeOnly(0);
            pair.send(numbers(200));
            network.takeOnly(1000);
            var sizes = new ArrayList<Long>();
            while (pair.client().transport.writeBufferSize() > 0) {
                sizes.add(pair.client().transport.writeBufferSize());
                Async.yieldNow();
            }
            assertThat(sizes.stream().distinct()).hasSizeGreaterThanOrEqualTo(4);
            pair.server().awaitCount(200);
        });
    }

    @Test
    void callbacksRunInTheContextInWhichTheEndpointWasCreated() {
        var where = ContextVar.create("where", "nowhere");
        onNetwork((run, network) -> {
            var seen = new ArrayList<String>();
            var server = new RecordingDatagrams();
            server.onMade = _ -> seen.add("made " + where.get());
            server.onData = (_, _) -> seen.add("data " + where.get());
            server.onLost = () -> seen.add("lost " + where.get());
            server.onResume = () -> seen.add("resume " + where.get());
            run.loop
                    .createTask(
                            () -> {
                                where.set("created");
                                open(server, ANY_PORT, null, DatagramOptions.DEFAULTS);
                            },
                            "creating")
                    .await();
            var client = open(null, server.address());
            client.transport.send(buffer("x"));
            server.awaitCount(1);
            server.transport.setWriteBufferLimits(0);
            network.takeOnly(0);
            server.transport.sendTo(buffer("x"), client.address());
            network.takeOnly(1000);
            server.await("resume");
            endAll(server, client);
            assertThat(seen)
                    .containsExactly(
                            "made created", "data created", "resume created", "lost created");
        });
    }

    @Test
    void anEndpointCancelledBeforeItsProtocolKnowsOfItIsClosed() {
        onNetwork((run, network) -> {
            var protocol = new RecordingDatagrams();
            var creating =
                    run.loop.createTask(
                            () -> open(protocol, ANY_PORT, null, DatagramOptions.DEFAULTS),
                            "creating");
            Async.yieldNow();
            assertThat(network.hasOpenLinks()).isTrue();
            creating.cancel();
            assertThatThrownBy(creating::await).isInstanceOf(CancelledError.class);
            protocol.awaitLost();
            Async.yieldNow();
            assertThat(network.hasOpenLinks()).isFalse();
            assertThat(protocol.events).containsExactly("made", "lost");
        });
    }

    @Test
    void aFactoryThatFailsLeavesNothingOpen() {
        onNetwork((_, network) -> {
            assertThatThrownBy(() ->
                            Net.createDatagramEndpoint(
                                    () -> {
                                        throw boom();
                                    },
                                    ANY_PORT,
                                    null))
                    .hasMessage("boom");
            assertThatThrownBy(() -> Net.createDatagramEndpoint(() -> null, ANY_PORT, null))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessageContaining("the factory gave no protocol");
            assertThat(network.hasOpenLinks()).isFalse();
        });
    }

    @Test
    void anEndpointThatWasNeverClosedIsReportedAndClosedWithTheLoop() {
        var network = new ArrayList<CongestibleNetwork>();
        var owned = Unpooled.directBuffer().writeByte(1);
        var reports =
                TestRun.runAndTakeReports(
                        newLoop(),
                        run -> {
                            network.add(CongestibleNetwork.on(run.loop, newNetwork(run.loop)));
                            var server = open(ANY_PORT, null);
                            open(null, server.address());
                            var closing = open(null, server.address());
                            network.getFirst().takeOnly(0);
                            closing.transport.send(owned);
                            closing.transport.close();
                        });
        assertThat(reports)
                .hasSize(2)
                .extracting(LoopException::message)
                .allMatch(message -> message.startsWith("a datagram endpoint was never closed: "));
        assertThat(network.getFirst().hasOpenLinks()).isFalse();
        assertThat(owned.refCnt()).isZero();
    }

    @Test
    void whatIsQueuedWhenTheLoopClosesIsOfferedOnceMore() {
        var received = new ArrayList<String>();
        TestRun.run(
                newLoop(),
                run -> {
                    var network = CongestibleNetwork.on(run.loop, newNetwork(run.loop));
                    var server = open(ANY_PORT, null);
                    server.onData = (data, _) -> received.add(data.toString(US_ASCII));
                    var client = open(null, server.address());
                    network.takeOnly(0);
                    client.transport.send(buffer("last"));
                    client.transport.send(buffer(""));
                    client.transport.send(buffer("words"));
                    client.transport.close();
                    server.onLost = () -> received.add("lost");
                    run.loop.callSoon(() -> network.takeOnly(1000));
                    server.awaitCount(3);
                    endAll(server);
                });
        assertThat(received).containsExactly("last", "", "words", "lost");
    }

    @Test
    void namesOfHostsAreResolvedWhenAnEndpointIsCreated() {
        onNetwork((_, _) -> {
            var server = open(InetSocketAddress.createUnresolved("127.0.0.1", 0), null);
            var port = server.address().getPort();
            var client = open(null, InetSocketAddress.createUnresolved("127.0.0.1", port));
            client.transport.send(buffer("hello"));
            server.awaitCount(1);
            endAll(client, server);
        });
    }

    @Test
    void anEndpointMayBeClosedInsideACallbackThatTellsOfAnError() {
        withPair((_, network, pair) -> {
            pair.client().onError = _ -> pair.client().transport.abort();
            network.takeOnly(0);
            pair.send("one", "two");
            network.sendFailures.add(new IOException("boom"));
            network.takeOnly(1000);
            pair.client().awaitLost();
            assertThat(pair.client().events).containsExactly("made", "error", "lost");
        });
    }

    @Test
    void aBroadcastNeedsTheOption() {
        onNetwork((_, _) -> {
            var here = new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0);
            var receiver = open(here, null);
            var everyone =
                    new InetSocketAddress(
                            InetAddress.ofLiteral("127.255.255.255"), receiver.address().getPort());
            var mute = open(ANY_PORT, null);
            mute.transport.sendTo(buffer("refused"), everyone);
            assertThat(mute.errors.getFirst())
                    .hasMessageContaining("Permission denied")
                    .hasMessageContaining("DatagramOptions.withBroadcast(true)");
            var options = DatagramOptions.DEFAULTS.withBroadcast(true);
            var caller = open(ANY_PORT, everyone, options);
            receiver.onData = (data, sender) -> receiver.transport.sendTo(data.retain(), sender);
            caller.transport.send(buffer("everyone?"));
            caller.awaitCount(1);
            assertThat(caller.received).containsExactly("everyone?");
            assertThat(caller.senders).doesNotContain(everyone);
            assertThat(caller.transport.extra(Key.PEER_ADDRESS)).isEqualTo(everyone);
            endAll(receiver, mute, caller);
        });
    }

    static NetworkInterface loopback() throws IOException {
        return Objects.requireNonNull(NetworkInterface.getByInetAddress(LOCALHOST));
    }

    @Test
    void aGroupIsHeardUntilItsMembershipEnds() {
        onNetwork((_, _) -> {
            var group = InetAddress.ofLiteral("239.1.2.3");
            var member = open(new InetSocketAddress(0), null);
            var options = DatagramOptions.DEFAULTS.withMulticastInterface(loopback());
            var to = new InetSocketAddress(group, member.address().getPort());
            var sender = open(ANY_PORT, null, options);
            sender.transport.sendTo(buffer("too early"), to);
            var membership = member.transport.joinGroup(group, loopback());
            assertThat(membership.isValid()).isTrue();
            assertThatThrownBy(() -> member.transport.joinGroup(group, loopback()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("in this group already");
            sender.transport.sendTo(buffer("hello"), to);
            member.awaitCount(1);
            membership.close();
            membership.close();
            assertThat(membership.isValid()).isFalse();
            sender.transport.sendTo(buffer("too late"), to);
            sender.transport.sendTo(
                    buffer("still there"),
                    new InetSocketAddress(LOCALHOST, member.address().getPort()));
            member.awaitCount(2);
            assertThat(member.received).containsExactly("hello", "still there");
            var again = member.transport.joinGroup(group, loopback());
            endAll(member, sender);
            assertThat(again.isValid()).isFalse();
            again.close();
        });
    }

    @Test
    void wrongGroupsAreRefused() {
        withPair((_, _, pair) -> {
            var transport = pair.server().transport;
            assertThatThrownBy(() -> transport.joinGroup(LOCALHOST, loopback()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("cannot join group 127.0.0.1 via lo")
                    .hasMessageContaining("not a multicast address");
            var group = InetAddress.ofLiteral("232.1.2.3");
            for (var source : List.of("::1", "232.1.2.3", "0.0.0.0")) {
                assertThatThrownBy(() ->
                                transport.joinGroup(
                                        group, loopback(), InetAddress.ofLiteral(source)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("cannot join group 232.1.2.3 via lo for the sender ")
                        .hasMessageContaining("not the address of a single machine");
            }
            transport.close();
            assertThatThrownBy(() ->
                            transport.joinGroup(InetAddress.ofLiteral("239.1.2.3"), loopback()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is closing");
        });
    }
}
