package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;

import javax.net.ssl.SSLException;

/// Peers that send what TLS allows, or nearly, without end: a server spends a bounded amount of
/// memory on each before its handshake has ended, ends it at the deadline, and serves others.
@ExtendWith(LeakCheck.class)
class TlsFloodTest {
    private static final int ALERT = 21;
    private static final int HANDSHAKE = 22;
    private static final int APPLICATION_DATA = 23;
    private static final int MOST_BYTES_BEFORE_THE_HANDSHAKE = 64 * 1024;
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private final RecordingProtocol accepted = new RecordingProtocol();
    private MemoryNetwork network;
    private Network.Link attacker;
    private MemoryNetwork.MemoryLink victim;

    /// A test with a link to a server.
    @FunctionalInterface
    private interface Attack {
        void run() throws Exception;
    }

    private void attacking(boolean namesMatter, Attack attack) {
        TestRun.run(
                VirtualTime.newLoop(),
                run -> {
                    network = MemoryNetwork.on(run.loop);
                    var tls =
                            TlsOptions.server(TestCertificates.server())
                                    .withHandshakeTimeout(TIMEOUT)
                                    .withShutdownTimeout(TIMEOUT);
                    var server =
                            Net.createServer(
                                    () -> accepted,
                                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                    ListenOptions.DEFAULTS.withTls(
                                            namesMatter ? tls.withContextByName(_ -> null) : tls));
                    attacker = network.connect(server.addresses().getFirst(), null);
                    victim = network.links.getLast();
                    try {
                        attack.run();
                    } finally {
                        attacker.close();
                        server.close();
                        server.abortClients();
                        server.waitClosed();
                    }
                });
    }

    private RawTls handshakeOver(String version) {
        return handshakeOver(version, (_, bytes) -> bytes);
    }

    private RawTls handshakeOver(String version, RawTls.Alteration alteration) {
        var engine = TestCertificates.client().createSSLEngine("example.test", 443);
        engine.setUseClientMode(true);
        var parameters = engine.getSSLParameters();
        parameters.setProtocols(new String[] {version});
        engine.setSSLParameters(parameters);
        return new RawTls(attacker, engine, alteration).staying();
    }

    /// Sends the same bytes again and again, as fast as they are read, and at most for two minutes
    /// of virtual time.
    ///
    /// @return how many bytes the server took
    private long flood(byte[] record, long most) throws IOException {
        var loop = EventLoop.current();
        var sent = 0L;
        var deadline = loop.time() + Duration.ofMinutes(2).toNanos();
        while (!victim.isClosed() && sent < most && loop.time() < deadline) {
            long taken;
            try {
                taken = attacker.write(new ByteBuffer[] {ByteBuffer.wrap(record)}, 0, 1);
            } catch (IOException gone) {
                break;
            }
            sent += taken;
            if (taken < record.length) {
                Async.sleep(Duration.ofMillis(10)); // full, and a record that is cut short
                break;
            }
            if (sent % 4096 < record.length) {
                Async.yieldNow();
            }
        }
        return sent;
    }

    private void awaitRefusalAtOnce() {
        for (var turn = 0; turn < 50 && !victim.isClosed(); turn++) {
            Async.yieldNow(); // no time passes
        }
        assertThat(victim.isClosed()).isTrue();
        assertThat(accepted.events).isEmpty();
    }

    private void awaitRefusalAtTheDeadline() {
        Async.sleep(TIMEOUT.plusMillis(10));
        assertThat(victim.isClosed()).isTrue();
        assertThat(accepted.events).isEmpty();
    }

    private void send(byte[] bytes) throws IOException {
        attacker.write(new ByteBuffer[] {ByteBuffer.wrap(bytes)}, 0, 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRecordOfAnotherMajorVersionIsRefusedAtOnce(boolean namesMatter) {
        attacking(
                namesMatter,
                () -> {
                    var record = TlsMutator.record(HANDSHAKE, new byte[100]);
                    record[1] = 2;
                    send(Arrays.copyOf(record, 2));
                    awaitRefusalAtOnce();
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsNoTlsIsRefusedAtItsFirstByte(boolean namesMatter) {
        attacking(
                namesMatter,
                () -> {
                    send(ConnectionPairs.bytes("G"));
                    awaitRefusalAtOnce();
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRecordThatIsTooLongIsRefusedByItsHeader(boolean namesMatter) {
        attacking(
                namesMatter,
                () -> {
                    send(new byte[] {HANDSHAKE, 3, 1, (byte) 0x48, 1}); // 16,384 + 2,048 + 1
                    awaitRefusalAtOnce();
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aHelloOfSixteenMebibytesIsRefusedBeforeItIsThere(boolean namesMatter) {
        attacking(
                namesMatter,
                () -> {
                    var begin = new byte[16_384];
                    begin[0] = 1; // a hello
                    Arrays.fill(begin, 1, 4, (byte) 0xff);
                    send(TlsMutator.record(HANDSHAKE, begin));
                    var more = TlsMutator.record(HANDSHAKE, new byte[16_384]);
                    flood(more, 16 << 20);
                    awaitRefusalAtOnce();
                    assertThat(victim.bytesRead)
                            .isLessThanOrEqualTo(MOST_BYTES_BEFORE_THE_HANDSHAKE);
                });
    }

    /// A handshake that is cut into records of one byte is slow, but allowed.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aHelloInRecordsOfOneByteIsAnsweredOrRefused(boolean namesMatter) {
        attacking(
                namesMatter,
                () -> {
                    var raw =
                            handshakeOver(
                                    "TLSv1.3",
                                    (flight, bytes) ->
                                            flight == 0 ? TlsMutator.fragmented(bytes, 1) : bytes);
                    raw.start();
                    Async.sleep(TIMEOUT.multipliedBy(3));
                    assertThat(raw.isHandshakeDone() || victim.isClosed()).isTrue();
                    assertThat(victim.bytesRead)
                            .isLessThanOrEqualTo(MOST_BYTES_BEFORE_THE_HANDSHAKE);
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aHelloThatComesByteByByteIsAnswered(boolean namesMatter) {
        attacking(
                namesMatter,
                () -> {
                    var hello = new ByteArrayOutputStream();
                    var raw =
                            handshakeOver(
                                    "TLSv1.3",
                                    (flight, bytes) -> {
                                        if (flight > 0) {
                                            return bytes;
                                        }
                                        hello.writeBytes(bytes);
                                        return new byte[0];
                                    });
                    raw.start();
                    for (var single : hello.toByteArray()) {
                        send(new byte[] {single});
                        Async.yieldNow();
                        Async.yieldNow();
                    }
                    Async.sleep(Duration.ofMillis(1));
                    assertThat(raw.isHandshakeDone()).isTrue();
                    assertThat(accepted.events).containsExactly("made");
                });
    }

    @ParameterizedTest
    @ValueSource(ints = {20, ALERT, HANDSHAKE, APPLICATION_DATA, 24})
    void emptyRecordsBeforeTheHandshakeEndByTheDeadline(int type) {
        attacking(
                false,
                () -> {
                    flood(TlsMutator.record(type, new byte[0]), 4 << 20);
                    awaitRefusalAtTheDeadline();
                });
    }

    @ParameterizedTest
    @ValueSource(ints = {20, ALERT, HANDSHAKE, APPLICATION_DATA, 24})
    void emptyRecordsBeforeTheHandshakeEndByTheDeadlineWhereNamesMatter(int type) {
        attacking(
                true,
                () -> {
                    flood(TlsMutator.record(type, new byte[0]), 4 << 20);
                    awaitRefusalAtTheDeadline();
                    if (type == HANDSHAKE) {
                        // They are kept until there is a hello.
                        assertThat(victim.bytesRead)
                                .isLessThanOrEqualTo(MOST_BYTES_BEFORE_THE_HANDSHAKE);
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void warningsWithoutEndBeforeTheHandshakeEndByTheDeadline(boolean namesMatter) {
        attacking(
                namesMatter,
                () -> {
                    var userCancelled = TlsMutator.record(ALERT, new byte[] {1, 90});
                    flood(userCancelled, 4 << 20);
                    awaitRefusalAtTheDeadline();
                });
    }

    @Test
    void aPeerThatSendsAByteNowAndThenIsCutAtTheDeadline() {
        attacking(
                true,
                () -> {
                    var begin = EventLoop.current().time();
                    var record = TlsMutator.record(HANDSHAKE, new byte[16_000]);
                    for (var at = 0; !victim.isClosed(); at++) {
                        send(new byte[] {record[at]});
                        Async.sleep(Duration.ofMillis(10));
                    }
                    assertThat(Duration.ofNanos(EventLoop.current().time() - begin))
                            .isBetween(TIMEOUT, TIMEOUT.plusMillis(10));
                });
    }

    @Test
    void emptyDataWithoutEndDoesNotReachTheProtocolAndOthersAreServed() {
        attacking(
                false,
                () -> {
                    var raw = handshakeOver("TLSv1.2");
                    raw.start();
                    accepted.await("made");
                    for (var count = 0; count < 2000; count++) {
                        raw.sendData(new byte[0]);
                    }
                    raw.sendData(ConnectionPairs.bytes("at last"));
                    accepted.awaitText("at last");
                    assertThat(accepted.events).containsExactly("made", "data");
                });
    }

    @Test
    void handshakesAgainAndAgainEndOrLeaveRoomForOthers() {
        attacking(
                false,
                () -> {
                    var raw = handshakeOver("TLSv1.2");
                    raw.start();
                    accepted.await("made");
                    for (var count = 0; count < 50 && !raw.hasEnded(); count++) {
                        raw.shakeHandsAgain();
                        for (var turn = 0; turn < 100 && raw.isShakingHands(); turn++) {
                            Async.yieldNow();
                        }
                    }
                    if (raw.hasEnded()) {
                        accepted.awaitLost();
                        assertThat(accepted.lossCause).isInstanceOf(SSLException.class);
                    } else {
                        raw.sendData(ConnectionPairs.bytes("still there"));
                        accepted.awaitText("still there");
                    }
                });
    }

    /// Each has to be answered, and the answers pile up.
    @Test
    void aPeerThatWantsNewKeysWithoutEndAndReadsNothingIsCut() {
        attacking(
                false,
                () -> {
                    var raw = handshakeOver("TLSv1.3");
                    raw.start();
                    accepted.await("made");
                    raw.goDeaf();
                    for (var count = 0; count < 40_000 && !victim.isClosed(); count++) {
                        raw.shakeHandsAgain();
                        if (count % 100 == 0) {
                            Async.yieldNow();
                        }
                    }
                    accepted.awaitLost();
                    assertThat(accepted.events).containsExactly("made", "broken");
                    assertThat(accepted.lossCause).isInstanceOf(SSLException.class);
                });
    }
}
