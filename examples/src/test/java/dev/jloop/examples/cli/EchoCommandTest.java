package dev.jloop.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

class EchoCommandTest {
    @Test
    void aPortInUseIsOneClearLine() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var run = CommandRun.of("echo", "--port", String.valueOf(taken.getLocalPort()));

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.output()).isEmpty();
            assertThat(run.errors().lines())
                    .singleElement()
                    .asString()
                    .startsWith(
                            "jloop echo: cannot listen on 127.0.0.1:"
                                    + taken.getLocalPort()
                                    + ": ");
        }
    }
}
