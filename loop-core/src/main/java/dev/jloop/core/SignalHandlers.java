package dev.jloop.core;

import java.util.HashMap;
import java.util.Map;

/// The signal handlers of one loop. Confined to the loop's thread.
final class SignalHandlers {
    private final SelectorEventLoop loop;
    private final Map<String, Signals.Listener> bySignal = new HashMap<>();

    SignalHandlers(SelectorEventLoop loop) {
        this.loop = loop;
    }

    void add(String signal, Runnable callback) {
        var context = loop.withMdc(Context.copyCurrent());
        var listener =
                Signals.listen(
                        signal,
                        () ->
                                loop.submitUnlessClosed(
                                        () -> loop.execution().run(callback, context, callback)));
        var before = bySignal.put(listener.signal(), listener);
        if (before != null) {
            before.close();
        }
    }

    boolean remove(String signal) {
        var listener = bySignal.remove(Signals.nameOf(signal));
        if (listener == null) {
            return false;
        }
        listener.close();
        return true;
    }

    void close() {
        bySignal.values().forEach(Signals.Listener::close);
        bySignal.clear();
    }
}
