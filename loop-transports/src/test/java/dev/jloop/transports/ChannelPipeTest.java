package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.channels.Pipe;

/// Pipes of `java.nio`.
class ChannelPipeTest extends PipeContract {
    private record Channels(Pipe pipe) implements Ends {
        @Override
        public Connection<RecordingProtocol> reader(RecordingProtocol protocol) throws IOException {
            return Net.connectReadPipe(() -> protocol, pipe.source());
        }

        @Override
        public Connection<RecordingProtocol> writer(RecordingProtocol protocol) throws IOException {
            return Net.connectWritePipe(() -> protocol, pipe.sink());
        }

        @Override
        public void close() {
            assertThat(pipe.source().isOpen()).isFalse();
            assertThat(pipe.sink().isOpen()).isFalse();
        }
    }

    @Override
    Ends open() throws IOException {
        return new Channels(Pipe.open());
    }

    @Override
    void readInto(Ends ends, BufferedProtocol protocol) throws IOException {
        Net.connectReadPipe(() -> protocol, ((Channels) ends).pipe().source());
    }

    @Override
    void failingWriter(Ends ends, RuntimeException failure) throws IOException {
        Net.connectWritePipe(
                () -> {
                    throw failure;
                },
                ((Channels) ends).pipe().sink());
    }

    @Test
    void aPipeThatBelongsToATransportIsRefusedElsewhere() {
        TestRun.onSockets(run -> {
            var pipe = Pipe.open();
            var reader = Net.connectReadPipe(RecordingProtocol::new, pipe.source());
            var writer = Net.connectWritePipe(RecordingProtocol::new, pipe.sink());
            assertThatThrownBy(() -> run.loop.addReader(pipe.source(), () -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("belongs to the transport of a read pipe");
            assertThatThrownBy(() -> Net.connectWritePipe(RecordingProtocol::new, pipe.sink()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("belongs to the transport of a write pipe");
            writer.transport().write(ConnectionPairs.bytes("still there"));
            reader.protocol().awaitText("still there");
            writer.transport().close();
            reader.protocol().awaitLost();
            writer.protocol().awaitLost();
        });
    }

    @Test
    void aClosedPipeIsRefused() {
        TestRun.onSockets(_ -> {
            var pipe = Pipe.open();
            pipe.source().close();
            pipe.sink().close();
            assertThatThrownBy(() -> Net.connectReadPipe(RecordingProtocol::new, pipe.source()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is closed");
            assertThatThrownBy(() -> Net.connectWritePipe(RecordingProtocol::new, pipe.sink()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is closed");
        });
    }
}
