package dev.jloop.core;

import java.util.HashMap;
import java.util.Map;

/// The signal handlers of one loop. Confined to the loop's thread.
final class SignalHandlers {
    private final SelectorEventLoop loop;
    private final Map<String, Signals.Previous> installed = new HashMap<>();

    SignalHandlers(SelectorEventLoop loop) {
        this.loop = loop;
    }

    void add(String signal, Runnable callback) {
        var context = Context.copyCurrent();
        var previous =
                Signals.install(
                        signal,
                        () ->
                                loop.submitUnlessClosed(
                                        () -> loop.execution().run(callback, context, callback)));
        // A second handler of this loop replaces the first, and what was before both is to be
        // restored.
        installed.putIfAbsent(previous.signal(), previous);
    }

    boolean remove(String signal) {
        var previous = installed.remove(Signals.nameOf(signal));
        if (previous == null) {
            return false;
        }
        previous.restore();
        return true;
    }

    void close() {
        installed.values().forEach(Signals.Previous::restore);
        installed.clear();
    }
}
