package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.Task;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// Files over a connection, on any network: one subclass for each.
abstract class SendFileContract extends ConnectionPairs {
    private final byte[] content = randomBytes(BIG);
    private Path path;

    @BeforeEach
    void makeFile(@TempDir Path folder) throws IOException {
        path = Files.write(folder.resolve("file"), content);
    }

    /// Sends the file to a peer that does not read, until no more fits.
    private static Task<Long> startToAStuckPeer(
            TestRun run, ConnectionPairs.Pair pair, FileChannel file) {
        pair.server().transport.pauseReading();
        var transport = pair.client().transport;
        var sending = run.loop.createTask(() -> transport.sendFile(file, 0, BIG), "sender");
        for (var turn = 0; turn < 20; turn++) {
            Async.yieldNow();
        }
        assertThat(sending.isDone()).isFalse();
        return sending;
    }

    @Test
    void aPartOfAFileIsSentAfterWhatWasWrittenBefore() {
        withPair((_, pair) -> {
            try (var file = FileChannel.open(path)) {
                pair.client().transport.write(new byte[100_000]);
                var sent = pair.client().transport.sendFile(file, 1000, Long.MAX_VALUE);
                pair.client().transport.write(bytes("end"));
                pair.server().awaitBytes(100_000 + BIG - 1000 + 3);
                assertThat(sent).isEqualTo(BIG - 1000);
                var received = pair.server().received.toByteArray();
                assertThat(
                                Arrays.mismatch(
                                        received,
                                        100_000,
                                        100_000 + BIG - 1000,
                                        content,
                                        1000,
                                        BIG))
                        .isEqualTo(-1);
            }
        });
    }

    @Test
    void whileAFileIsSentNothingElseCanBeWrittenAndALossEndsIt() {
        withPair((run, pair) -> {
            pair.server().transport.pauseReading();
            try (var file = FileChannel.open(path)) {
                var transport = pair.client().transport;
                var sending = run.loop.createTask(() -> transport.sendFile(file, 0, BIG), "sender");
                for (var turn = 0; turn < 20; turn++) {
                    Async.yieldNow();
                }
                assertThatThrownBy(() -> transport.write(bytes("x")))
                        .hasMessageContaining("while sendFile() runs");
                assertThatThrownBy(() -> transport.sendFile(file, 0, 1))
                        .hasMessageContaining("sending one already");
                assertThatThrownBy(() -> transport.sendFile(file, 0, 0))
                        .hasMessageContaining("count was 0");
                transport.abort();
                assertThatThrownBy(sending::await)
                        .hasRootCauseMessage("connection lost while a file was sent");
                pair.client().await("lost");
            }
        });
    }

    @Test
    void aFileThatWasCutResetsTheConnectionSoThatThePeerReadsNoRegularEnd() {
        withPair((run, pair) -> {
            try (var file = FileChannel.open(path)) {
                var sending = startToAStuckPeer(run, pair, file);
                sending.cancel();
                assertThatThrownBy(sending::await).isInstanceOf(CancelledError.class);
                pair.client().transport.close();
                pair.client().await("lost");
                pair.server().transport.resumeReading();
                pair.server().await("broken");
                assertThat(pair.server().received.size()).isBetween(1, BIG - 1);
            }
        });
    }

    @Test
    void aFileOfWhichNothingWasSentLeavesTheConnectionAsItWas() {
        withPair((run, pair) -> {
            try (var file = FileChannel.open(path)) {
                var total = fill(pair.client(), pair.server());
                var sending = startToAStuckPeer(run, pair, file);
                sending.cancel();
                assertThatThrownBy(sending::await).isInstanceOf(CancelledError.class);
                pair.server().transport.resumeReading();
                pair.client().await("resume");
                pair.client().transport.write(bytes("on"));
                pair.server().awaitBytes(total + 2);
            }
        });
    }

    @Test
    void whatThePeerSendsDuringAFileIsReadAfterIt() {
        var client = new RecordingProtocol();
        client.onData = _ -> client.transport.write(bytes("answer"));
        withPair(
                client,
                new RecordingProtocol(),
                (run, pair) -> {
                    try (var file = FileChannel.open(path)) {
                        var sending = startToAStuckPeer(run, pair, file);
                        assertThat(client.transport.isReading()).isFalse();
                        client.transport.pauseReading();
                        client.transport.resumeReading();
                        pair.server().transport.write(bytes("request"));
                        for (var turn = 0; turn < 20; turn++) {
                            Async.yieldNow();
                        }
                        assertThat(client.received.size()).isZero();
                        pair.server().transport.resumeReading();
                        assertThat(sending.await()).isEqualTo(BIG);
                        assertThat(client.transport.isReading()).isTrue();
                        pair.server().awaitBytes(BIG + "answer".length());
                    }
                });
    }

    @Test
    void readingThatWasPausedBeforeAFileIsPausedAfterIt() {
        withPair((_, pair) -> {
            try (var file = FileChannel.open(path)) {
                pair.client().transport.pauseReading();
                pair.client().transport.sendFile(file, 0, 1);
                assertThat(pair.client().transport.isReading()).isFalse();
            }
        });
    }

    @Test
    void aFileThatFailsByALossHasTheReasonAsItsCause() {
        withPair((run, pair) -> {
            try (var file = FileChannel.open(path)) {
                fill(pair.client(), pair.server());
                var sending = startToAStuckPeer(run, pair, file);
                pair.server().transport.abort();
                pair.server().awaitLost();
                assertThatThrownBy(sending::await)
                        .hasCauseInstanceOf(SocketException.class)
                        .hasMessageContaining("connection lost while a file was sent")
                        .hasRootCause(pair.client().lossCause);
            }
        });
    }
}
