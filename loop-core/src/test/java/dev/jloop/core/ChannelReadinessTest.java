package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// On the real selector. Where a test waits, it waits for the event itself.
class ChannelReadinessTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onRealSelector();

    private final List<String> calls = new ArrayList<>();
    private final List<SelectableChannel> opened = new ArrayList<>();

    @AfterEach
    void closeChannels() throws IOException {
        for (var channel : opened) {
            channel.close();
        }
    }

    private <C extends SelectableChannel> C nonBlocking(C channel) throws IOException {
        opened.add(channel);
        channel.configureBlocking(false);
        return channel;
    }

    private Pipe pipe() throws IOException {
        var pipe = Pipe.open();
        nonBlocking(pipe.source());
        nonBlocking(pipe.sink());
        return pipe;
    }

    private static void writeByte(Pipe pipe) throws IOException {
        assertThat(pipe.sink().write(ByteBuffer.wrap(new byte[] {1}))).isEqualTo(1);
    }

    private void readByte(Pipe pipe) {
        try {
            assertThat(pipe.source().read(ByteBuffer.allocate(1))).isEqualTo(1);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private Runnable note(String call) {
        return () -> calls.add(call);
    }

    @Test
    void aReaderRunsAgainAndAgainWhileThereIsSomethingToRead() throws IOException {
        var pipe = pipe();
        writeByte(pipe);
        writeByte(pipe);
        kit.loop()
                .addReader(
                        pipe.source(),
                        () -> {
                            readByte(pipe);
                            calls.add("read");
                            if (calls.size() == 2) {
                                kit.loop().stop();
                            }
                        });

        kit.loop().runForever();
        kit.runTurns(3);

        assertThat(calls).containsExactly("read", "read");
    }

    @Test
    void aReaderThatReadsNothingIsCalledOnEachTurn() throws IOException {
        var pipe = pipe();
        writeByte(pipe);
        kit.loop().addReader(pipe.source(), note("readable"));
        kit.runTurns(3);
        assertThat(calls).containsExactly("readable", "readable", "readable");
    }

    @Test
    void aWriterRunsOnEachTurnInWhichTheChannelTakesBytes() throws IOException {
        var pipe = pipe();
        kit.loop().addWriter(pipe.sink(), note("writable"));
        kit.runTurns(2);
        assertThat(calls).containsExactly("writable", "writable");
        assertThat(kit.loop().removeWriter(pipe.sink())).isTrue();
        kit.runTurns(2);
        assertThat(calls).hasSize(2);
    }

    @Test
    void aSecondReaderReplacesTheFirst() throws IOException {
        var pipe = pipe();
        writeByte(pipe);
        kit.loop().addReader(pipe.source(), note("first"));
        kit.loop().addReader(pipe.source(), note("second"));
        kit.runOneTurn();
        assertThat(calls).containsExactly("second");
    }

    @Test
    void aRemovedReaderIsCalledNoMoreNotEvenInTheTurnInWhichItWasReady() throws IOException {
        var pipe = pipe();
        writeByte(pipe);
        kit.loop().addReader(pipe.source(), note("reader"));
        kit.loop().callSoon(() -> calls.add("removed " + kit.loop().removeReader(pipe.source())));

        kit.runTurns(3);

        assertThat(calls).containsExactly("removed true");
        assertThat(kit.loop().removeReader(pipe.source())).isFalse();
    }

    @Test
    void removingWhatWasNeverThereSaysNo() throws IOException {
        var pipe = pipe();
        assertThat(kit.loop().removeReader(pipe.source())).isFalse();
        assertThat(kit.loop().removeWriter(pipe.sink())).isFalse();
        kit.loop().addReader(pipe.source(), note("reader"));
        assertThat(kit.loop().removeWriter(pipe.source())).isFalse();
    }

    @Test
    void aReaderCanBeAddedAgainAfterItWasRemoved() throws IOException {
        var pipe = pipe();
        writeByte(pipe);
        kit.loop().addReader(pipe.source(), note("first"));
        kit.loop().removeReader(pipe.source());
        kit.loop().addReader(pipe.source(), note("again"));
        kit.runOneTurn();
        assertThat(calls).containsExactly("again");
    }

    @Test
    void acceptAndConnectAreReadAndWrite() throws IOException {
        var server = nonBlocking(ServerSocketChannel.open());
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        var client = nonBlocking(SocketChannel.open());
        kit.loop()
                .addReader(
                        server,
                        () -> {
                            try {
                                var accepted = server.accept();
                                if (accepted != null) {
                                    nonBlocking(accepted);
                                    calls.add("accepted");
                                    kit.loop().removeReader(server);
                                    stopWhenDone(2);
                                }
                            } catch (IOException failure) {
                                throw new UncheckedIOException(failure);
                            }
                        });
        if (client.connect(server.getLocalAddress())) {
            calls.add("connected");
        } else {
            kit.loop()
                    .addWriter(
                            client,
                            () -> {
                                try {
                                    assertThat(client.finishConnect()).isTrue();
                                    calls.add("connected");
                                    kit.loop().removeWriter(client);
                                    stopWhenDone(2);
                                } catch (IOException failure) {
                                    throw new UncheckedIOException(failure);
                                }
                            });
        }

        kit.loop().runForever();

        assertThat(calls).containsExactlyInAnyOrder("accepted", "connected");
    }

    private void stopWhenDone(int count) {
        if (calls.size() == count) {
            kit.loop().stop();
        }
    }

    @Test
    void aFailedConnectWakesTheWriter() throws IOException {
        int freePort;
        try (var closed = ServerSocketChannel.open()) {
            closed.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            freePort = closed.socket().getLocalPort();
        }
        var client = nonBlocking(SocketChannel.open());
        try {
            client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), freePort));
        } catch (IOException refusedAtOnce) {
            return; // the system may tell at once, and then there is nothing to wait for
        }
        kit.loop()
                .addWriter(
                        client,
                        () -> {
                            assertThatExceptionOfType(IOException.class)
                                    .isThrownBy(client::finishConnect);
                            calls.add("refused");
                            kit.loop().removeWriter(client);
                            kit.loop().stop();
                        });

        kit.loop().runForever();

        assertThat(calls).containsExactly("refused");
    }

    @Test
    void oneChannelMayHaveAReaderAndAWriter() throws IOException {
        var server = ServerSocketChannel.open();
        opened.add(server);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        var client = SocketChannel.open(server.getLocalAddress());
        var peer = server.accept();
        nonBlocking(client);
        nonBlocking(peer);
        kit.loop()
                .addReader(
                        client,
                        () -> {
                            calls.add("readable");
                            kit.loop().removeReader(client);
                            kit.loop().stop();
                        });
        kit.loop()
                .addWriter(
                        client,
                        () -> {
                            calls.add("writable");
                            kit.loop().removeWriter(client);
                        });
        kit.runOneTurn();
        assertThat(calls).containsExactly("writable");

        peer.write(ByteBuffer.wrap(new byte[] {1}));
        kit.loop().runForever();
        assertThat(calls).containsExactly("writable", "readable");
    }

    @Test
    void aBlockingChannelIsRefused() throws IOException {
        var pipe = Pipe.open();
        opened.add(pipe.source());
        opened.add(pipe.sink());
        assertThatExceptionOfType(IllegalBlockingModeException.class)
                .isThrownBy(() -> kit.loop().addReader(pipe.source(), note("")));
        assertThatExceptionOfType(IllegalBlockingModeException.class)
                .isThrownBy(() -> kit.loop().addWriter(pipe.sink(), note("")));
    }

    @Test
    void aClosedChannelIsRefused() throws IOException {
        var pipe = pipe();
        pipe.source().close();
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> kit.loop().addReader(pipe.source(), note("")))
                .withMessageContaining("is it closed?");
    }

    @Test
    void aChannelThatIsClosedWhileItIsWatchedIsForgotten() throws IOException {
        var pipe = pipe();
        kit.loop().addWriter(pipe.sink(), note("writable"));
        kit.loop().addReader(pipe.source(), note("readable"));
        pipe.sink().close();
        pipe.source().close();
        kit.runTurns(3);
        assertThat(calls).isEmpty();
        assertThat(kit.loop().removeReader(pipe.source())).isFalse();
    }

    @Test
    void aReaderThatThrowsIsReportedAndKeepsItsPlace() throws IOException {
        var pipe = pipe();
        writeByte(pipe);
        var failure = new IllegalStateException("reader");
        kit.loop()
                .addReader(
                        pipe.source(),
                        () -> {
                            throw failure;
                        });
        kit.runTurns(2);
        assertThat(kit.takeReports()).hasSize(2).allMatch(report -> report.exception() == failure);
    }

    @Test
    void aReaderRunsInTheContextItWasAddedIn() throws IOException {
        var pipe = pipe();
        writeByte(pipe);
        var variable = ContextVar.create("variable", "unset");
        kit.run(() -> {
            variable.set("when added");
            kit.loop()
                    .addReader(
                            pipe.source(),
                            () -> {
                                calls.add(variable.get());
                                kit.loop().removeReader(pipe.source());
                            });
            variable.set("later");
            while (calls.isEmpty()) {
                Async.yieldNow();
            }
        });
        assertThat(calls).containsExactly("when added");
    }

    @Test
    void anInterruptOfTheLoopsThreadIsClearedByTheNextWait() {
        kit.loop()
                .callSoon(() -> {
                    Thread.currentThread().interrupt();
                    kit.loop()
                            .callLater(
                                    Duration.ofMillis(1),
                                    () -> {
                                        calls.add(
                                                "interrupted: "
                                                        + Thread.currentThread().isInterrupted());
                                        kit.loop().stop();
                                    });
                });
        kit.loop().runForever();
        assertThat(calls).containsExactly("interrupted: false");
    }

    @Test
    void aClaimedChannelIsWatchedByItsOwnerAlone() throws IOException {
        var pipe = pipe();
        writeByte(pipe);
        var claim = kit.loop().claimChannel(pipe.source(), "its owner");
        assertThat(kit.loop().channelOwner(pipe.source())).isEqualTo("its owner");
        var others =
                List.<Runnable>of(
                        () -> kit.loop().addReader(pipe.source(), note("")),
                        () -> kit.loop().removeReader(pipe.source()),
                        () -> kit.loop().addWriter(pipe.source(), note("")),
                        () -> kit.loop().removeWriter(pipe.source()),
                        () -> kit.loop().claimChannel(pipe.source(), "another"));
        claim.addReader(note("claimed"));
        for (var other : others) {
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(other::run)
                    .withMessageContaining("belongs to its owner");
        }
        kit.runOneTurn();
        assertThat(calls).containsExactly("claimed");
        assertThat(claim.removeReader()).isTrue();
        assertThat(claim.removeReader()).isFalse();
        pipe.source().close();
        assertThat(kit.loop().channelOwner(pipe.source())).isNull();
    }

    @Test
    void aClaimWatchesBothDirections() throws IOException {
        var pipe = pipe();
        var claim = kit.loop().claimChannel(pipe.sink(), "its owner");
        claim.addWriter(note("writable"));
        kit.runOneTurn();
        assertThat(calls).containsExactly("writable");
        assertThat(claim.removeWriter()).isTrue();
        kit.runTurns(2);
        assertThat(calls).hasSize(1);
    }

    /// Five channels with a byte to read, of which 100 KiB are expected. Each read is answered in
    /// the next turn.
    private void runUntilAllAreAnswered() throws IOException {
        for (var i = 0; i < 5; i++) {
            var pipe = pipe();
            writeByte(pipe);
            var claim = kit.loop().claimChannel(pipe.source(), "its owner");
            claim.expect(100 * 1024);
            claim.addReader(() -> {
                readByte(pipe);
                calls.add("read");
                kit.loop().callSoon(this::answer);
            });
        }
        kit.loop().runForever();
    }

    private void answer() {
        calls.add("answered");
        if (calls.size() == 10) {
            kit.loop().stop();
        }
    }

    @Test
    void ofChannelsWithMuchToReadFewAreReadBeforeTheyAreAnswered() throws IOException {
        runUntilAllAreAnswered();
        assertThat(calls)
                .startsWith("read", "read", "answered", "answered")
                .endsWith("read", "answered");
    }

    @Test
    void aLoopWithOtherWorkReadsThemAllWhenItPolls() throws IOException {
        keepBusy();
        runUntilAllAreAnswered();
        assertThat(calls.subList(0, 5)).containsOnly("read");
    }

    private void keepBusy() {
        kit.loop().callSoon(this::keepBusy);
    }

    @Test
    void nobodyCanExpectLessThanNothing() throws IOException {
        var pipe = pipe();
        var claim = kit.loop().claimChannel(pipe.source(), "its owner");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> claim.expect(-1))
                .withMessageContaining("-1");
        pipe.source().close();
        claim.expect(1); // which nobody can give any more
    }

    @Test
    void aWatchedChannelCannotBeClaimed() throws IOException {
        var pipe = pipe();
        kit.loop().addReader(pipe.source(), note(""));
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> kit.loop().claimChannel(pipe.source(), "somebody"))
                .withMessageContaining("cannot be taken over by somebody")
                .withMessageContaining("remove it first");
        kit.loop().removeReader(pipe.source());
        kit.loop().claimChannel(pipe.source(), "somebody");
    }
}
