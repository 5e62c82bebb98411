package dev.jloop.core.engine;

import java.util.ArrayList;
import java.util.List;

/// Coroutines of the engine under test, and what their bodies noted.
abstract class EngineFixture {
    /// {@return the engine under test}
    abstract CoroutineEngine engine();

    final List<String> calls = new ArrayList<>();

    /// Lets bodies suspend themselves.
    static final class Body {
        Coroutine coroutine;

        void suspend() {
            coroutine.suspend();
        }
    }

    interface Script {
        void run(Body body) throws Exception;
    }

    Coroutine coroutine(Script script) {
        return coroutine("coroutine", script);
    }

    Coroutine coroutine(String name, Script script) {
        var body = new Body();
        body.coroutine =
                engine().create(
                                name,
                                () -> {
                                    try {
                                        script.run(body);
                                    } catch (Exception failure) {
                                        calls.add("failed: " + failure);
                                    }
                                });
        return body.coroutine;
    }

    void host(Runnable body) {
        engine().host(body);
    }

    static void resumeToTheEnd(Coroutine coroutine) {
        while (!coroutine.isDone()) {
            coroutine.resume();
        }
    }
}
