package dev.jloop.core.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.SelectorEventLoop;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelectableChannel;

@EnabledOnOs(
        value = OS.LINUX,
        architectures = {"amd64", "aarch64"})
class EpollPollerTest extends PollerContract {
    @Override
    Poller open() {
        return EpollPoller.open();
    }

    /// Both ends of a connection, one of them watched.
    private static final class Connection implements AutoCloseable {
        final SocketChannel peer;
        final SocketChannel channel;
        final EpollPoller poller = EpollPoller.open();
        final Poller.DirectSocket direct;

        Connection() throws IOException {
            try (var server = ServerSocketChannel.open()) {
                server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                peer = SocketChannel.open(server.getLocalAddress());
                channel = server.accept();
            }
            channel.configureBlocking(false);
            poller.register(channel, _ -> {});
            var found = poller.directSocket(channel);
            if (found == null) {
                throw new AssertionError("a watched socket has no direct way");
            }
            direct = found;
        }

        void awaitInput() throws IOException {
            poller.setInterest(channel, SelectionKey.OP_READ);
            while (poller.poll(Long.MAX_VALUE) == 0) {
                // for no reason, as it may
            }
        }

        @Override
        public void close() throws IOException {
            poller.close();
            peer.close();
            channel.close();
        }
    }

    private static ByteBuffer bytes(ByteBuffer empty, int count) {
        for (var i = 0; i < count; i++) {
            empty.put((byte) (i * 31));
        }
        return empty.flip();
    }

    @Test
    void bytesComeAsTheyWereSentFromDirectMemoryAndFromTheHeap() throws IOException {
        try (var connection = new Connection()) {
            for (var direct : new boolean[] {true, false}) {
                var sent =
                        bytes(
                                direct ? ByteBuffer.allocateDirect(999) : ByteBuffer.allocate(999),
                                999);
                sent.position(9);
                assertThat(connection.direct.write(sent)).isEqualTo(990);
                assertThat(sent.hasRemaining()).isFalse();
                var echoed = ByteBuffer.allocate(990);
                while (echoed.hasRemaining()) {
                    connection.peer.read(echoed);
                }
                connection.peer.write(echoed.flip());

                connection.awaitInput();
                var into = direct ? ByteBuffer.allocateDirect(2000) : ByteBuffer.allocate(2000);
                into.position(1000);
                assertThat(connection.direct.read(into)).isEqualTo(990);
                assertThat(into.position()).isEqualTo(1990);
                assertThat(into.slice(1000, 990)).isEqualTo(sent.slice(9, 990));
            }
        }
    }

    @Test
    void aReadOfNothingYetGivesZeroAndOneAtTheEndMinusOne() throws IOException {
        try (var connection = new Connection()) {
            var into = ByteBuffer.allocateDirect(10);
            assertThat(connection.direct.read(into)).isZero();

            connection.peer.close();
            connection.awaitInput();
            assertThat(connection.direct.read(into)).isEqualTo(-1);
            assertThat(connection.direct.read(into)).isEqualTo(-1);
            assertThat(into.position()).isZero();
        }
    }

    @Test
    void aReadOnlyBufferIsRefused() throws IOException {
        try (var connection = new Connection()) {
            connection.peer.write(ByteBuffer.allocate(1));
            connection.awaitInput();
            var into = ByteBuffer.allocateDirect(10).asReadOnlyBuffer();
            assertThatThrownBy(() -> connection.direct.read(into))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aBufferWithoutRoomIsNoEnd() throws IOException {
        try (var connection = new Connection()) {
            assertThat(connection.direct.read(ByteBuffer.allocateDirect(0))).isZero();
            assertThat(connection.direct.write(ByteBuffer.allocateDirect(0))).isZero();
        }
    }

    @Test
    void aSocketTakesWhatItHasRoomForAndThenNothing() throws IOException {
        try (var connection = new Connection()) {
            var data = ByteBuffer.allocateDirect(64 * 1024 * 1024);
            var taken = 0L;
            for (var count = connection.direct.write(data);
                    count > 0;
                    count = connection.direct.write(data)) {
                taken += count;
            }
            assertThat(taken).isEqualTo(data.position()).isPositive();
            assertThat(data.hasRemaining()).isTrue();
        }
    }

    @Test
    void aResetIsToldOfInTheWordsOfTheJdkAndEachTime() throws IOException {
        try (var connection = new Connection()) {
            connection.peer.setOption(StandardSocketOptions.SO_LINGER, 0);
            connection.peer.close();
            connection.awaitInput();

            for (var i = 0; i < 2; i++) {
                assertThatThrownBy(() -> connection.direct.read(ByteBuffer.allocateDirect(1)))
                        .isInstanceOf(SocketException.class)
                        .hasMessage("Connection reset");
            }
            assertThatThrownBy(() -> connection.direct.write(ByteBuffer.allocateDirect(1)))
                    .isInstanceOf(IOException.class)
                    .hasMessage("Broken pipe");
            assertThatThrownBy(() -> connection.direct.read(ByteBuffer.allocate(1)))
                    .hasMessage("Connection reset");
        }
    }

    @Test
    void aClosedChannelIsNeitherReadNorWritten() throws IOException {
        try (var connection = new Connection()) {
            connection.channel.close();

            assertThatThrownBy(() -> connection.direct.read(ByteBuffer.allocateDirect(1)))
                    .isInstanceOf(ClosedChannelException.class);
            assertThatThrownBy(() -> connection.direct.write(ByteBuffer.allocateDirect(1)))
                    .isInstanceOf(ClosedChannelException.class);
        }
    }

    @Test
    void onlyWatchedSocketsHaveADirectWay() throws IOException {
        try (var poller = EpollPoller.open();
                var socket = SocketChannel.open()) {
            assertThat(poller.directSocket(socket)).isNull();
        }
    }

    @Test
    void channelsThatAreNotOfTheJdkAreRefused() throws IOException {
        try (var poller = EpollPoller.open();
                var foreign = new ForeignChannel()) {
            foreign.configureBlocking(false);
            assertThatThrownBy(() -> poller.register(foreign, _ -> {}))
                    .isInstanceOf(IllegalSelectorException.class);
            assertThat(poller.listener(foreign)).isNull();
        }
    }

    @Test
    void otherSystemsAreRefusedByName() {
        assertThatThrownBy(() -> EpollPoller.checkSystem("Mac OS X", "aarch64"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "the poller 'epoll' was asked for, but this is Mac OS X on aarch64, and not"
                                + " Linux on amd64 or aarch64; or use the one of the JDK, which"
                                + " -Djloop.poller=selector names");
        assertThatCode(() -> EpollPoller.checkSystem("Linux", "aarch64"))
                .doesNotThrowAnyException();
    }

    @Test
    void aLoopOfTheOtherEngineRefusesIt() throws IOException {
        try (var poller = EpollPoller.open()) {
            var builder = SelectorEventLoop.builder().engine("baton").poller(poller);
            assertThatThrownBy(builder::build)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("does not fit the coroutine engine 'baton'")
                    .hasMessageContaining("use the engine 'mounted', or -Djloop.poller=selector");
        }
    }

    private static final class ForeignChannel extends AbstractSelectableChannel {
        ForeignChannel() {
            super(null);
        }

        @Override
        public int validOps() {
            return SelectionKey.OP_READ;
        }

        @Override
        protected void implCloseSelectableChannel() {}

        @Override
        protected void implConfigureBlocking(boolean block) {}
    }
}
