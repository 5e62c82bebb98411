package dev.jloop.executor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.SelectorEventLoop;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.MDC;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/// SLF4J's MDC on its way to other threads and back, on a loop that carries it.
@Timeout(30)
class MdcTest {
    private final SelectorEventLoop loop = SelectorEventLoop.builder().carryMdc(true).build();

    @AfterEach
    void close() {
        MDC.clear();
        loop.close();
    }

    @Test
    void theThreadOfToThreadHasTheMdcOfTheCoroutineForAsLongAsItWorksForIt() {
        var seen = new ArrayList<String>();
        loop.runUntilComplete(() -> {
            for (var user : List.of("ann", "bob")) {
                MDC.put("user", user);
                seen.add(Offload.toThread(() -> MDC.get("user")));
                Offload.toThread(() -> MDC.put("user", "put by the thread"));
                seen.add(MDC.get("user"));
            }
            Callable<String> withoutContext = () -> MDC.get("user");
            seen.add(Offload.runInExecutor(withoutContext).await());
        });
        assertThat(seen).containsExactly("ann", "ann", "bob", "bob", null);
    }

    @Test
    void aCoroutineOfAnotherThreadStartsWithTheMdcOfThatThread() throws Exception {
        var started = new CountDownLatch(1);
        var runner =
                Thread.ofPlatform()
                        .start(() -> {
                            loop.callSoon(started::countDown);
                            loop.runForever();
                        });
        started.await();
        MDC.put("user", "ann");
        Callable<String> body = () -> MDC.get("user");
        assertThat(Offload.runCoroutineThreadsafe(body, loop).get()).isEqualTo("ann");
        loop.callSoonThreadsafe(loop::stop);
        runner.join();
    }
}
