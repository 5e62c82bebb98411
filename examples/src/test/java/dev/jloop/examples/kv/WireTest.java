package dev.jloop.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.streams.StreamReader;
import dev.jloop.testkit.LoopTest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;

class WireTest {
    private static final Command COMMAND = new Command("c", 7, Command.Kind.APPEND, "k", "v\u00e4");

    @LoopTest
    void whatIsWrittenIsReadAgain() throws IOException {
        var requests =
                List.of(
                        new Request.Vote(3, "n1", 9, 2),
                        new Request.Append(3, "n1", 9, 2, List.of(new LogEntry(2, COMMAND)), 8),
                        new Request.Append(3, "n1", 9, 2, List.of(), 8),
                        new Request.Execute(COMMAND));
        var replies =
                List.of(
                        new Reply.Vote(3, true),
                        new Reply.Append(3, false, 4),
                        new Reply.Done(false, "v"),
                        new Reply.Failed("why"),
                        new Reply.Refused("n2"));
        for (var request : requests) {
            assertThat(Wire.readRequest(reader(Wire.bytes(request)))).isEqualTo(request);
        }
        for (var reply : replies) {
            assertThat(Wire.readReply(reader(Wire.bytes(reply)))).isEqualTo(reply);
        }
    }

    @LoopTest
    void aFullBatchOfTheLongestCommandsIsOneMessage() throws IOException {
        var command = new Command("", 1, Command.Kind.PUT, "", "x".repeat(Command.LONGEST_BYTES));
        var batch = Collections.nCopies(64, new LogEntry(1, command));

        assertThat(Wire.bytes(new Request.Append(1, "n1", 0, 0, batch, 0)))
                .hasSizeLessThan(Wire.LONGEST_MESSAGE_BYTES);
    }

    @LoopTest
    void theEndBetweenRequestsIsNoRequest() throws IOException {
        assertThat(Wire.readRequest(reader())).isNull();
    }

    @LoopTest
    void nonsenseIsRefusedWithItsValues() {
        assertRefused("no request has type 99", 0, 0, 0, 1, 99);
        assertRefused("1 to 4194304 bytes, and this one -1", 255, 255, 255, 255);
        assertRefused("ends within a field", 0, 0, 0, 3, 1, 0, 0);
        assertRefused("a text of 9 bytes where 0 are left", 0, 0, 0, 5, 3, 0, 0, 0, 9);
    }

    @LoopTest
    void whatComesAfterTheMessageIsRefused() throws IOException {
        var vote = Wire.bytes(new Request.Vote(3, "n1", 9, 2));
        var longer = ByteBuffer.allocate(vote.length + 1).put(vote).putInt(0, vote.length - 3);

        assertThatThrownBy(() -> Wire.readRequest(reader(longer.array())))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("1 bytes too many after Vote[term=3");
    }

    @LoopTest
    void aCommandThatIsTooLongIsRefusedWithItsLength() {
        assertThatThrownBy(() -> new Command("c", 1, Command.Kind.PUT, "k", "x".repeat(60_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("60000 bytes")
                .hasMessageContaining("have 60002");
    }

    private static void assertRefused(String reason, int... bytes) {
        var content = new byte[bytes.length];
        for (var i = 0; i < bytes.length; i++) {
            content[i] = (byte) bytes[i];
        }
        assertThatThrownBy(() -> Wire.readRequest(reader(content)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(reason);
    }

    private static StreamReader reader(byte... bytes) {
        var reader = new StreamReader(64 * 1024);
        reader.feedData(bytes);
        reader.feedEof();
        return reader;
    }
}
