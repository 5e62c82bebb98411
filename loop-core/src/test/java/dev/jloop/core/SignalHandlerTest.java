package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Signals of this very process. SIGUSR2 is the one that the JVM leaves to programs.
class SignalHandlerTest {
    private static final String HARMLESS = "USR2";

    @RegisterExtension final LoopFixture kit = LoopFixture.onRealSelector();

    private final List<String> calls = new ArrayList<>();

    private static void raise() throws IOException, InterruptedException {
        ChildJvm.signal(ProcessHandle.current().pid(), HARMLESS);
    }

    @Test
    void aSignalRunsItsHandlerOnTheLoopEachTime() throws IOException, InterruptedException {
        kit.loop()
                .addSignalHandler(
                        "SIG" + HARMLESS,
                        () -> {
                            assertThat(EventLoop.current()).isSameAs(kit.loop());
                            calls.add("signal");
                            kit.loop().stop();
                        });
        raise();
        kit.loop().runForever();
        raise();
        kit.loop().runForever();
        assertThat(calls).containsExactly("signal", "signal");
        assertThat(kit.loop().removeSignalHandler(HARMLESS)).isTrue();
        assertThat(kit.loop().removeSignalHandler(HARMLESS)).isFalse();
    }

    @Test
    void aSecondHandlerReplacesTheFirst() throws IOException, InterruptedException {
        kit.loop().addSignalHandler(HARMLESS, () -> calls.add("first"));
        kit.loop()
                .addSignalHandler(
                        HARMLESS,
                        () -> {
                            calls.add("second");
                            kit.loop().stop();
                        });
        raise();
        kit.loop().runForever();
        assertThat(calls).containsExactly("second");
    }

    @Test
    void aHandlerThatThrowsIsReported() throws IOException, InterruptedException {
        kit.loop()
                .addSignalHandler(
                        HARMLESS,
                        () -> {
                            kit.loop().stop();
                            throw new IllegalStateException("handler");
                        });
        raise();
        kit.loop().runForever();
        assertThat(kit.takeOnlyReport().exception()).hasMessage("handler");
    }

    @Test
    void aHandlerRunsInTheContextItWasAddedIn() throws IOException, InterruptedException {
        var variable = ContextVar.create("variable", "unset");
        Context.copyCurrent()
                .run(() -> {
                    variable.set("when added");
                    kit.loop()
                            .addSignalHandler(
                                    HARMLESS,
                                    () -> {
                                        calls.add(variable.get());
                                        kit.loop().stop();
                                    });
                });
        raise();
        kit.loop().runForever();
        assertThat(calls).containsExactly("when added");
    }

    @Test
    void unknownSignalsAndThoseThatCannotBeCaughtAreRefusedByName() {
        for (var signal : List.of("NOSUCH", "KILL", "STOP", "SIGSEGV", "")) {
            assertThatIllegalArgumentException()
                    .as(signal)
                    .isThrownBy(() -> kit.loop().addSignalHandler(signal, () -> {}))
                    .withMessageContaining("cannot handle signal")
                    .withMessageContaining("INT, TERM or HUP");
        }
        assertThat(kit.loop().removeSignalHandler("KILL")).isFalse();
    }
}
