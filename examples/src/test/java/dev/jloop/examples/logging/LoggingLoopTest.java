package dev.jloop.examples.logging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.SelectorEventLoop;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicLong;

class LoggingLoopTest {
    @Test
    void eachTurnIsToldWithItsNumberAndItsTime() {
        var nanos = new AtomicLong();
        var log = new ArrayList<String>();
        try (var loop = new LoggingLoop(SelectorEventLoop.builder().clock(nanos::get), log::add)) {
            loop.callSoon(() -> nanos.addAndGet(3_000));
            loop.callSoon(() -> loop.callSoon(loop::stop));

            loop.runForever();
        }
        assertThat(log).containsExactly("turn 1: 3 us", "turn 2: 0 us");
    }
}
