package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.SelectorEventLoop;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// What servers do with the files of their Unix sockets.
@ExtendWith(LeakCheck.class)
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "its files have no kind of their own")
class UnixSocketFileTest {
    private static final ListenOptions LEAVING = ListenOptions.DEFAULTS.withCleanupSocket(false);

    private final ServerFixture fixture = new ServerFixture();

    @TempDir Path folder;
    private Path path;
    private UnixDomainSocketAddress address;

    @BeforeEach
    void nameTheFile() {
        path = folder.resolve("socket");
        address = UnixDomainSocketAddress.of(path);
    }

    private Server start() throws IOException {
        return start(ListenOptions.DEFAULTS);
    }

    private Server start(ListenOptions options) throws IOException {
        return Net.createServer(fixture::newProtocol, address, options);
    }

    /// Leaves the file of a server that was killed, as long ago as tests take.
    private void leaveStaleFile() throws IOException {
        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address).close();
        Files.setLastModifiedTime(path, FileTime.from(Instant.now().minusSeconds(60)));
    }

    private boolean isThere() {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    private void reachServer() throws IOException {
        var client = ServerFixture.connect(address);
        client.await("made");
        client.transport.close();
        client.awaitLost();
    }

    private List<String> files() throws IOException {
        try (var found = Files.list(folder)) {
            return found.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theFileOfAServerThatHasEndedIsReplacedAndRemovedOnClosing() {
        TestRun.onSockets(_ -> {
            leaveStaleFile();
            var server = start();
            reachServer();
            assertThat(files()).containsExactly("socket");
            server.close();
            assertThat(files()).isEmpty();
            server.waitClosed();
        });
    }

    @Test
    void aFileThatWasLeftAMomentAgoIsReplacedToo() {
        TestRun.onSockets(_ -> {
            ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address).close();
            start().close();
            assertThat(files()).isEmpty();
        });
    }

    @Test
    void theSocketOfAServerThatListensIsLeftAlone() {
        TestRun.onSockets(_ -> {
            var server = start();
            assertThatThrownBy(this::start)
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("cannot listen on " + path);
            reachServer();
            server.close();
            server.abortClients();
            server.waitClosed();
        });
    }

    @Test
    void aServerWhoseBacklogIsFullListensToo() throws IOException {
        try (var busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address, 1)) {
            TestRun.onSockets(_ -> {
                for (var attempt = 0; attempt < 5; attempt++) {
                    assertThatThrownBy(this::start).isInstanceOf(BindException.class);
                }
            });
            assertThat(busy.isOpen()).isTrue();
            assertThat(isThere()).isTrue();
        }
    }

    @Test
    void whatIsNoSocketIsNeverRemoved() {
        TestRun.onSockets(_ -> {
            Files.writeString(path, "precious");
            assertThatThrownBy(this::start)
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("delete the file");
            assertThat(path).hasContent("precious");
            Files.delete(path);

            Files.createDirectory(path);
            assertThatThrownBy(this::start).isInstanceOf(BindException.class);
            assertThat(path).isDirectory();
            Files.delete(path);

            leaveStaleFile();
            var real = folder.resolve("real");
            Files.move(path, real);
            Files.createSymbolicLink(path, real);
            assertThatThrownBy(this::start).isInstanceOf(BindException.class);
            assertThat(files()).containsExactly("real", "socket");
        });
    }

    @Test
    void aPipeIsNoSocket() throws Exception {
        Peer.requireInstalled("mkfifo");
        assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor()).isZero();
        TestRun.onSockets(_ -> {
            assertThatThrownBy(this::start).isInstanceOf(BindException.class);
            assertThat(isThere()).isTrue();
        });
    }

    @Test
    void theFileThatTookItsPlaceIsLeftOnClosing() {
        TestRun.onSockets(_ -> {
            var first = start();
            Files.delete(path);
            var second = start();
            first.close();
            reachServer();
            second.close();
            assertThat(files()).isEmpty();
            second.abortClients();
            second.waitClosed();
        });
    }

    @Test
    void aFileThatIsGoneAlreadyIsNoFailure() {
        TestRun.onSockets(_ -> {
            var server = start();
            Files.delete(path);
            server.close();
        });
    }

    @Test
    void withoutCleanUpTheFileStaysAndBlocks() {
        TestRun.onSockets(_ -> {
            start(LEAVING).close();
            assertThat(isThere()).isTrue();
            assertThatThrownBy(() -> start(LEAVING))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("delete the file");
            assertThat(isThere()).isTrue();
        });
    }

    @Test
    void aServerThatWasForgottenLeavesNoFileWhenItsLoopCloses() throws IOException {
        var reports = TestRun.runAndTakeReports(SelectorEventLoop.builder().build(), _ -> start());
        assertThat(reports).hasSize(1);
        assertThat(files()).isEmpty();
    }

    @Test
    void aServerThatCannotListenOnItsOtherAddressLeavesNoFile() {
        TestRun.onSockets(_ -> {
            var taken = folder.resolve("taken");
            Files.writeString(taken, "");
            assertThatThrownBy(() ->
                            Net.createServer(
                                    fixture::newProtocol,
                                    List.of(address, UnixDomainSocketAddress.of(taken)),
                                    ListenOptions.DEFAULTS))
                    .hasMessageContaining("taken");
            assertThat(files()).containsExactly("taken");
        });
    }

    @Test
    void aPathThatIsTooLongIsExplained() {
        TestRun.onSockets(_ -> {
            var deep = folder.resolve("deep".repeat(30));
            assertThatThrownBy(() ->
                            Net.createServer(
                                    fixture::newProtocol, UnixDomainSocketAddress.of(deep)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cannot listen on " + deep)
                    .hasMessageContaining("the path has " + deep.toString().length() + " bytes")
                    .hasMessageContaining("use a shorter one");
        });
    }

    @Test
    void ofServersThatRaceForAStaleFileExactlyOneListens() throws Exception {
        var racers = 4;
        try (var threads = Executors.newFixedThreadPool(racers)) {
            for (var round = 0; round < 25; round++) {
                leaveStaleFile();
                var start = new CyclicBarrier(racers);
                var over = new CyclicBarrier(racers);
                var results = new ArrayList<Future<Boolean>>();
                for (var racer = 0; racer < racers; racer++) {
                    results.add(threads.submit(() -> race(start, over)));
                }
                assertThat(results).filteredOn(UnixSocketFileTest::hasWon).hasSize(1);
                assertThat(files()).isEmpty();
            }
        }
    }

    /// Listens, if it can, until all have tried.
    private boolean race(CyclicBarrier start, CyclicBarrier over) {
        var won = new boolean[1];
        TestRun.onSockets(_ -> {
            start.await();
            try (var server = Net.createServer(RecordingProtocol::new, address)) {
                over.await();
                reachServer();
                won[0] = server.isServing();
                server.abortClients();
            } catch (BindException lost) {
                assertThat(lost).hasMessageContaining("in use");
                over.await();
            }
        });
        return won[0];
    }

    @Test
    void ofLoopsThatBindAtATimeExactlyOneGetsThePath() throws Exception {
        raceToBind(300);
    }

    @Tag("nightly")
    @Test
    void ofLoopsThatBindAtATimeExactlyOneGetsThePathHoweverOftenTheyTry() throws Exception {
        raceToBind(20_000);
    }

    /// Nothing but the race, so that the racers meet in the microseconds that matter.
    private void raceToBind(int rounds) throws Exception {
        var racers = 6;
        var winners = new ConcurrentLinkedQueue<ServerSocketChannel>();
        var winnersOfRounds = new ArrayList<Integer>();
        var start =
                new CyclicBarrier(
                        racers,
                        () -> {
                            winnersOfRounds.add(winners.size());
                            winners.forEach(UnixSocketFileTest::close);
                            winners.clear();
                            replaceByStaleFile();
                        });
        try (var threads = Executors.newFixedThreadPool(racers)) {
            var results = new ArrayList<Future<?>>();
            for (var racer = 0; racer < racers; racer++) {
                results.add(threads.submit(() -> bindInEachRound(start, rounds, winners)));
            }
            for (var result : results) {
                result.get();
            }
        }
        assertThat(winnersOfRounds.removeFirst()).as("before the first round").isZero();
        assertThat(winnersOfRounds).hasSize(rounds).containsOnly(1);
        assertThat(files()).as("of the last round").containsExactly("socket");
    }

    private void bindInEachRound(
            CyclicBarrier start, int rounds, Queue<ServerSocketChannel> winners) {
        TestRun.onSockets(
                Duration.ofMinutes(5),
                _ -> {
                    for (var round = 0; round < rounds; round++) {
                        start.await();
                        var channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                        try {
                            UnixSocketFile.bind(channel, address, 10);
                            winners.add(channel);
                        } catch (BindException lost) {
                            assertThat(lost).hasMessageContaining("in use");
                            channel.close();
                        }
                    }
                    start.await();
                });
    }

    private void replaceByStaleFile() {
        try {
            Files.deleteIfExists(path);
            leaveStaleFile();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void close(ServerSocketChannel channel) {
        try {
            channel.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static boolean hasWon(Future<Boolean> result) {
        try {
            return result.get();
        } catch (ExecutionException | InterruptedException failure) {
            throw new AssertionError(failure);
        }
    }
}
