package dev.jloop.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;

import org.junit.jupiter.api.Test;

import java.io.PrintWriter;
import java.io.StringWriter;

class KvDemoTest {
    @Test
    void overRealSocketsNothingIsLostWhenTheLeaderDiesAndComesBack() {
        var output = new StringWriter();

        var isRight = Async.run(() -> KvDemo.run(3, new PrintWriter(output, true)));

        assertThat(isRight).as(output.toString()).isTrue();
        assertThat(output.toString()).contains("kill n", "read \"abcdefg\"");
    }
}
