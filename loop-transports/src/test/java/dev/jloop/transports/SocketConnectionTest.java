package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;

/// What is special about connections that are sockets.
class SocketConnectionTest extends ConnectionPairs {
    @Override
    void onNetwork(TestRun.Body body) {
        TestRun.onSockets(body);
    }

    @Test
    void smallPacketsAreNotHeldBack() {
        withPair((_, pair) -> {
            var channel = pair.client().transport.extra(Key.CHANNEL);
            assertThat(channel.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
            assertThat(
                            pair.server()
                                    .transport
                                    .extra(Key.CHANNEL)
                                    .getOption(StandardSocketOptions.TCP_NODELAY))
                    .isTrue();
        });
    }

    @Test
    void theChannelIsShownForItsOptionsOnly() {
        withPair((_, pair) -> {
            var channel = pair.client().transport.extra(Key.CHANNEL);
            assertThatThrownBy(channel::close).hasMessageContaining("close the transport");
            assertThatThrownBy(() -> channel.bind(null))
                    .isInstanceOf(UnsupportedOperationException.class);
            assertThat(channel.isOpen()).isTrue();
            // Neither the mode can be changed, nor anything read or written.
            assertThat(channel).isNotInstanceOfAny(SelectableChannel.class, ByteChannel.class);
        });
    }

    @Test
    void whatWasWrittenBeforeTheProgramEndsIsSent() throws IOException {
        try (var listener = ServerSocketChannel.open().bind(null)) {
            TestRun.onSockets(_ -> {
                var port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
                var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
                var client = Net.createConnection(RecordingProtocol::new, address);
                client.transport().write(bytes("last words"));
                client.transport().close();
            });
            try (var accepted = listener.accept()) {
                assertThat(accepted.socket().getInputStream().readAllBytes())
                        .isEqualTo(bytes("last words"));
            }
        }
    }

    @Test
    void droppedWritesAreWarnedOfFromTheFifthOnWithoutFloodingTheLog() {
        var log = (Logger) LoggerFactory.getLogger(OutputSide.class);
        var appender = new ListAppender<ILoggingEvent>();
        appender.start();
        log.addAppender(appender);
        log.setAdditive(false);
        try {
            withPair((_, pair) -> {
                pair.client().transport.close();
                for (var count = 0; count < 4; count++) {
                    pair.client().transport.write(bytes("x"));
                }
                assertThat(appender.list).isEmpty();
                pair.client().transport.write(bytes("x"));
                assertThat(appender.list)
                        .singleElement()
                        .satisfies(event ->
                                assertThat(event.getFormattedMessage())
                                        .startsWith("5 writes were dropped"));
                for (var count = 0; count < 1000; count++) {
                    pair.client().transport.write(bytes("x"));
                }
                assertThat(appender.list).hasSizeLessThan(15);
            });
        } finally {
            log.detachAppender(appender);
            log.setAdditive(true);
        }
    }
}
