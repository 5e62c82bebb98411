package dev.jloop.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;

@Timeout(60)
class ChatCommandTest {
    private static Child client(String address, String name) throws IOException {
        return Child.start("chat", "--connect", address, "--name", name, "--room", "tea");
    }

    private static void type(Child client, String line) throws IOException {
        var keyboard = client.process().getOutputStream();
        keyboard.write((line + "\n").getBytes(UTF_8));
        keyboard.flush();
    }

    @Test
    void twoPeopleTalkAndTheServerSaysGoodbyeAtCtrlC() throws Exception {
        try (var server = Child.start("chat")) {
            var address = server.readUntil("listening on").replaceFirst(".* on (\\S+);.*", "$1");
            try (var ann = client(address, "Ann")) {
                ann.readUntil("* Ann joined tea");
                try (var bob = client(address, "Bob")) {
                    bob.readUntil("* Bob joined tea");
                    type(ann, "hello");
                    bob.readUntil("<Ann> hello");
                    bob.process().getOutputStream().close();
                    assertThat(bob.readToEnd()).isEqualTo("* Bob left tea");
                    assertThat(bob.exitCode()).isZero();
                    assertThat(bob.errors()).isEmpty();
                }
                ann.readUntil("* Bob left tea");

                server.signal("INT");

                assertThat(ann.readToEnd()).isEqualTo("* the server is closing");
                assertThat(ann.exitCode()).isZero();
                assertThat(ann.errors()).isEmpty();
            }
            assertThat(server.exitCode()).isEqualTo(130);
            assertThat(server.errors()).isEmpty();
        }
    }

    @Test
    void aServerThatIsNotThereIsOneClearLine() {
        var run = CommandRun.of("chat", "--connect", "127.0.0.1:1", "--name", "Ann");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errors().lines())
                .singleElement()
                .asString()
                .startsWith("jloop chat: ")
                .contains("127.0.0.1:1");
    }

    @Test
    void whoTakesPartCannotSetTheServerUp() {
        var run =
                CommandRun.of(
                        "chat",
                        "--connect",
                        "127.0.0.1:1",
                        "--slow-readers",
                        "hold",
                        "-p",
                        "7000",
                        "--queue",
                        "20000");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.errors())
                .startsWith(
                        "with --connect there is no server to set up; leave out --slow-readers,"
                                + " --port, --queue");
    }

    @Test
    void whoServesHasNoNameThere() {
        var run = CommandRun.of("chat", "--name", "Ann");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.errors()).startsWith("--name and --room need --connect HOST:PORT");
    }
}
