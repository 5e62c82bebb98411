package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;

import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// What becomes of the object of a loan when the loan is over.
class LoanReuseTest extends ConnectionPairs {
    private final List<ByteBuf> loans = new ArrayList<>();

    @Override
    void onNetwork(TestRun.Body body) {
        MemoryNetwork.run(body);
    }

    private RecordingProtocol keeping() {
        var protocol = new RecordingProtocol();
        protocol.onData = loans::add;
        return protocol;
    }

    private static void send(RecordingProtocol from, RecordingProtocol to, String message) {
        var expected = to.received.size() + message.length();
        from.transport.write(bytes(message));
        to.awaitBytes(expected);
    }

    private void withKeepingServer(boolean debug, PairBody body) {
        onNetwork(run -> {
            run.loop.setDebug(debug);
            var pair = connect(new RecordingProtocol(), keeping());
            try {
                body.run(run, pair);
            } finally {
                pair.closeBoth();
            }
        });
    }

    @Test
    void oneObjectServesForTheLoansOfAConnectionOneAfterTheOther() {
        withKeepingServer(
                false,
                (_, pair) -> {
                    for (var message = 0; message < 5; message++) {
                        send(pair.client(), pair.server(), "message " + message);
                    }
                    assertThat(loans).hasSize(5).allMatch(loan -> loan == loans.getFirst());
                });
    }

    @Test
    void inDebugModeAKeptBufferStaysUnusableForEver() {
        withKeepingServer(
                true,
                (_, pair) -> {
                    send(pair.client(), pair.server(), "first");
                    pair.server().onData =
                            data -> {
                                assertThat(data.toString(US_ASCII)).isEqualTo("second");
                                assertThatThrownBy(() -> loans.getFirst().getByte(0))
                                        .isInstanceOf(IllegalReferenceCountException.class);
                            };
                    send(pair.client(), pair.server(), "second");
                });
    }

    @Test
    void whatWasKeptOfSeveralMessagesLeavesInTheOrderItWasWritten() {
        onNetwork(run -> {
            var server = new RecordingProtocol();
            server.onData = data -> loans.add(data.retain());
            var pair = connect(new RecordingProtocol(), server);
            send(pair.client(), pair.server(), "first, ");
            send(pair.client(), pair.server(), "second, ");
            send(pair.client(), pair.server(), "third");
            loans.reversed().forEach(server.transport::write);
            pair.client().awaitBytes("thirdsecond, first, ".length());
            assertThat(pair.client().text()).isEqualTo("thirdsecond, first, ");
            pair.closeBoth();
        });
    }

    @Test
    void aKeptBufferNeverShowsTheBytesOfAnotherConnection() {
        withKeepingServer(
                false,
                (_, pair) -> {
                    send(pair.client(), pair.server(), "secret");
                    var other = new RecordingProtocol();
                    other.onData =
                            data -> {
                                assertThat(data).isNotSameAs(loans.getFirst());
                                assertThatThrownBy(() -> loans.getFirst().getByte(0))
                                        .isInstanceOf(IllegalReferenceCountException.class);
                                assertThatThrownBy(() -> loans.getFirst().retain())
                                        .isInstanceOf(IllegalReferenceCountException.class);
                            };
                    var others = connect(new RecordingProtocol(), other);
                    send(others.client(), others.server(), "others");
                    others.closeBoth();
                });
    }

    /// A slice knows its own length only, and asks the loan for bytes without asking for its end.
    @Test
    void aKeptSliceReachesNothingBesideALaterLoan() {
        withKeepingServer(
                false,
                (_, pair) -> {
                    var slices = new ArrayList<ByteBuf>();
                    var secrets = new ArrayList<ByteBuf>();
                    pair.server().onData = data -> slices.add(data.slice());
                    send(pair.client(), pair.server(), "0123456789");
                    var other = new RecordingProtocol();
                    other.onData = data -> secrets.add(data.retain());
                    var others = connect(new RecordingProtocol(), other);

                    pair.server().onData =
                            _ -> {
                                var kept = slices.getFirst();
                                assertThat(kept.getByte(1)).isEqualTo((byte) 'b');
                                assertThatThrownBy(() -> kept.getByte(2))
                                        .isInstanceOf(IndexOutOfBoundsException.class);
                                assertThatThrownBy(() -> kept.getLong(0))
                                        .isInstanceOf(IndexOutOfBoundsException.class);
                                assertThatThrownBy(() -> kept.setByte(2, 'x'))
                                        .isInstanceOf(IndexOutOfBoundsException.class);
                            };
                    send(pair.client(), pair.server(), "ab");
                    send(others.client(), others.server(), "secret");
                    send(pair.client(), pair.server(), "ab");
                    assertThat(secrets.getFirst().toString(US_ASCII)).isEqualTo("secret");
                    secrets.forEach(ByteBuf::release);
                    others.closeBoth();
                });
    }

    @Test
    void whatIsRetainedIsNotLentAgainBeforeItsRelease() {
        withKeepingServer(
                false,
                (_, pair) -> {
                    pair.server().onData = data -> loans.add(data.retain());
                    send(pair.client(), pair.server(), "first");
                    send(pair.client(), pair.server(), "second");
                    assertThat(loans)
                            .extracting(loan -> loan.toString(US_ASCII))
                            .containsExactly("first", "second");
                    assertThat(loans.get(0)).isNotSameAs(loans.get(1));
                    loans.forEach(ByteBuf::release);
                    send(pair.client(), pair.server(), "third");
                    assertThat(loans.get(2)).isSameAs(loans.get(1));
                    assertThat(loans.get(2).toString(US_ASCII)).isEqualTo("third");
                    loans.get(2).release();
                });
    }

    @Test
    void whatAnotherThreadReleasesCanBeLentAgain() throws InterruptedException {
        withKeepingServer(
                false,
                (_, pair) -> {
                    pair.server().onData = data -> loans.add(data.retain());
                    for (var message = 0; message < 50; message++) {
                        send(pair.client(), pair.server(), "message " + message);
                        var loan = loans.getLast();
                        var worker =
                                Thread.ofPlatform()
                                        .start(() -> {
                                            loan.setByte(0, 'M');
                                            loan.release();
                                        });
                        while (worker.isAlive()) {
                            Async.yieldNow();
                        }
                    }
                    assertThat(loans).allMatch(loan -> loan == loans.getFirst());
                });
    }

    @Test
    void aBufferMovedByItsReaderIsWholeInTheNextLoan() {
        withKeepingServer(
                false,
                (_, pair) -> {
                    pair.server().onData =
                            data -> {
                                data.skipBytes(2).markReaderIndex();
                                data.writerIndex(data.readerIndex());
                            };
                    send(pair.client(), pair.server(), "abcdef");
                    pair.server().onData =
                            data -> {
                                assertThat(data.readerIndex()).isZero();
                                assertThat(data.capacity()).isEqualTo(4);
                                data.readByte();
                                data.resetReaderIndex();
                                assertThat(data.toString(US_ASCII)).isEqualTo("ghij");
                            };
                    send(pair.client(), pair.server(), "ghij");
                });
    }
}
