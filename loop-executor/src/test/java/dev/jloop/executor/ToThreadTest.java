package dev.jloop.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.ContextVar;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

@Timeout(30)
class ToThreadTest {
    private static final ContextVar<String> USER = ContextVar.create("user", "nobody");

    private final CountingLoop loop = new CountingLoop();
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        loop.close();
    }

    private static String read(boolean works) throws IOException {
        if (!works) {
            throw new IOException("cannot read");
        }
        return "text";
    }

    @Test
    void theLoopGoesOnWhileTheThreadWorks() {
        var events = new ArrayList<String>();

        var result =
                loop.runUntilComplete(() -> {
                    Async.createTask(() -> {
                        events.add("other task");
                        release.countDown();
                    });
                    var text =
                            Offload.toThread(() -> {
                                release.await();
                                return "from the thread";
                            });
                    events.add(text);
                    return text;
                });

        assertThat(result).isEqualTo("from the thread");
        assertThat(events).isEqualTo(List.of("other task", "from the thread"));
    }

    @Test
    void aCheckedExceptionComesOutUnwrappedAndTyped() {
        var caught =
                loop.runUntilComplete(() -> {
                    try {
                        return Offload.toThread(() -> read(false));
                    } catch (IOException failure) { // compiles only if the type came through
                        return failure.getMessage();
                    }
                });

        assertThat(caught).isEqualTo("cannot read");
    }

    @Test
    void workWithoutAResultKeepsTheTypeOfItsExceptionToo() {
        var caught =
                loop.runUntilComplete(() -> {
                    try {
                        Offload.toThread(() -> {
                            read(false);
                        });
                        return "nothing";
                    } catch (IOException failure) {
                        return failure.getMessage();
                    }
                });

        assertThat(caught).isEqualTo("cannot read");
    }

    @Test
    void anUncheckedFailureIsTheSameInstance() {
        var failure = new IllegalArgumentException("bad input");

        loop.runUntilComplete(() -> {
            assertThatThrownBy(() ->
                            Offload.toThread(() -> {
                                throw failure;
                            }))
                    .isSameAs(failure);
        });
    }

    @Test
    void theThreadSeesTheCallersContextAndChangesNothingInIt() {
        loop.runUntilComplete(() -> {
            USER.set("alice");
            var seen =
                    Offload.toThread(() -> {
                        var before = USER.get();
                        USER.set("changed in the thread");
                        return before;
                    });
            assertThat(seen).isEqualTo("alice");
            assertThat(USER.get()).isEqualTo("alice");
            assertThat(Offload.runInExecutor(() -> USER.get()).await()).isEqualTo("nobody");
        });
    }

    @Test
    void aCancelledTaskDoesNotWaitForTheThread() {
        var started = new CountDownLatch(1);

        loop.runUntilComplete(() -> {
            var task =
                    Async.createTask(() -> {
                        Offload.toThread(() -> {
                            started.countDown();
                            release.await();
                        });
                    });
            Offload.toThread(() -> started.await());
            task.cancel("enough");
            assertThatThrownBy(task::await).isInstanceOf(CancelledError.class).hasMessage("enough");
            assertThat(release.getCount()).isEqualTo(1);
        });
    }

    @Test
    void aCallbackIsToldToUseSomethingElse() {
        var failure =
                loop.runUntilComplete(() -> {
                    var thrown = loop.<Throwable>createFuture();
                    loop.callSoon(() -> {
                        try {
                            Offload.toThread(() -> 1);
                        } catch (IllegalStateException refused) {
                            thrown.setResult(refused);
                        }
                    });
                    return thrown.await();
                });

        assertThat(failure).hasMessageContaining("callback").hasMessageContaining("runInExecutor");
    }
}
