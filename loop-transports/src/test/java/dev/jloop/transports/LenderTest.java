package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// What a connection tells of its reads to come.
@ExtendWith(LeakCheck.class)
class LenderTest {
    private final List<Integer> told = new ArrayList<>();
    private int next;

    /// Gives `next` bytes in each read, whatever they are.
    private final Network.Link link =
            (Network.Link)
                    Proxy.newProxyInstance(
                            Network.Link.class.getClassLoader(),
                            new Class<?>[] {Network.Link.class},
                            (_, method, arguments) ->
                                    switch (method.getName()) {
                                        case "read" -> read((ByteBuffer) arguments[0]);
                                        case "expect" -> told.add((Integer) arguments[0]);
                                        default -> throw new AssertionError(method);
                                    });

    private int read(ByteBuffer into) {
        into.position(into.position() + next);
        return next;
    }

    private void receive(Lender lender, int bytes) throws IOException {
        next = bytes;
        assertThat(lender.readFrom(link)).isEqualTo(bytes);
        assertThat(lender.lend(bytes).giveBack()).isTrue();
    }

    @Test
    void theLinkIsToldOfTheLengthOfMessagesWhereItChanges() {
        MemoryNetwork.run(run -> {
            var lender = new Lender(run.loop, null);
            for (var message = 0; message < 3; message++) {
                receive(lender, 100_000);
            }
            assertThat(told).containsExactly(65_536);
            receive(lender, 1000);
            assertThat(told).as("a long message may come in parts").containsExactly(65_536);
            for (var message = 0; message < 100; message++) {
                receive(lender, 1000);
            }
            assertThat(told).startsWith(65_536, 32_768).endsWith(1024, 512);
        });
    }
}
