package dev.jloop.examples.logging;

import dev.jloop.core.SelectorEventLoop;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A loop that tells of each of its turns, to show what a subclass can do around one: measure it,
/// or do work of a host program between turns.
public final class LoggingLoop extends SelectorEventLoop {
    private final Consumer<String> log;
    private int turns;

    /// A loop that is not running yet.
    ///
    /// @param parts of the loop
    /// @param log gets a line for each turn, after it
    public LoggingLoop(Builder parts, Consumer<String> log) {
        super(parts);
        this.log = log;
    }

    /// The time it tells of includes the wait for something to do, with which a turn begins.
    @Override
    protected void runOnce() {
        var start = time();
        super.runOnce();
        var micros = TimeUnit.NANOSECONDS.toMicros(time() - start);
        turns++;
        log.accept("turn " + turns + ": " + micros + " us");
    }
}
