package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.MBeanServerDelegate;
import javax.management.MBeanServerNotification;
import javax.management.NotificationListener;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;

class EventLoopMXBeanTest {
    private static final long SAFETY_NET_SECONDS = 20;
    private static final long SAFETY_NET_NANOS = TimeUnit.SECONDS.toNanos(SAFETY_NET_SECONDS);

    @RegisterExtension final LoopFixture kit = LoopFixture.onRealSelector();

    /// A loop that is abandoned is reported too.
    @RegisterExtension final LogCapture log = new LogCapture();

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

    private static ObjectName nameOf(String loop) throws Exception {
        return new ObjectName("dev.jloop:type=EventLoop,name=" + loop);
    }

    /// Suspends until the watchdog has registered the current loop.
    private ObjectName awaitRegistration() throws Exception {
        var name = nameOf(kit.loop().name());
        var registered = new CompletableFuture<ObjectName>();
        NotificationListener listener =
                (notification, _) -> {
                    if (notification instanceof MBeanServerNotification about
                            && about.getMBeanName().equals(name)) {
                        registered.complete(name);
                    }
                };
        server.addNotificationListener(MBeanServerDelegate.DELEGATE_NAME, listener, null, null);
        try {
            if (server.isRegistered(name)) {
                return name;
            }
            return LoopFuture.from(registered.orTimeout(SAFETY_NET_SECONDS, TimeUnit.SECONDS))
                    .await();
        } finally {
            server.removeNotificationListener(MBeanServerDelegate.DELEGATE_NAME, listener);
        }
    }

    private EventLoopMXBean proxy(ObjectName name) {
        return JMX.newMXBeanProxy(server, name, EventLoopMXBean.class);
    }

    @Test
    void aLoopThatRunsForAMomentShowsItsTasksAndGoesWhenItIsClosed() throws Exception {
        var name =
                kit.run(() -> {
                    var sleeper =
                            Async.createTask(() -> Async.sleep(Duration.ofHours(1)), "sleeper");
                    var registered = awaitRegistration();
                    var bean = proxy(registered);

                    assertThat(bean.getName()).isEqualTo(kit.loop().name());
                    assertThat(bean.isRunning()).isTrue();
                    assertThat(bean.isDebug()).isEqualTo(kit.loop().isDebug());
                    assertThat(bean.getEngine()).isEqualTo(kit.loop().engine().name());
                    assertThat(bean.getTaskCount()).isEqualTo(2);
                    assertThat(bean.getTurnCount()).isPositive();
                    assertThat(bean.getCallbackCount()).isPositive();
                    assertThat(bean.tasks())
                            .filteredOn(task -> task.name().equals("sleeper"))
                            .singleElement()
                            .satisfies(task -> {
                                assertThat(task.state()).isEqualTo("WAITING");
                                assertThat(task.awaits()).isEqualTo("sleep");
                                assertThat(task.awaitedTasks()).isEmpty();
                                assertThat(task.sinceMillis()).isNotNegative();
                                assertThat(task.stack().getFirst()).contains("Async.sleep");
                            });
                    assertThat(bean.taskTree()).contains("#2 sleeper: waits");
                    assertThat(bean.taskTreeJson()).contains("\"name\":\"sleeper\"");
                    sleeper.cancel();
                    return registered;
                });

        assertThat(proxy(name).isRunning()).isFalse();
        kit.loop().close();
        assertThat(server.isRegistered(name)).isFalse();
    }

    @Test
    void theTasksAreOpenDataThatNeedsNoClassOfJloop() throws Exception {
        kit.run(() -> {
            var tasks = server.invoke(awaitRegistration(), "tasks", new Object[0], new String[0]);
            assertThat((CompositeData[]) tasks)
                    .singleElement()
                    .satisfies(task -> {
                        assertThat(task.get("state")).isEqualTo("RUNNING");
                        assertThat(task.get("sinceMillis")).isEqualTo(-1L);
                        assertThat((String[]) task.get("stack"))
                                .anyMatch(frame -> frame.contains("theTasksAreOpenData"));
                    });
        });
    }

    @Test
    void anAbandonedLoopIsNotKeptAliveAndItsBeanGoesWithIt() throws Exception {
        var abandoned = new ObjectName[1];
        var loop = new WeakReference<>(runAndAbandon(abandoned));
        var end = System.nanoTime() + SAFETY_NET_NANOS;
        while (loop.get() != null || server.isRegistered(abandoned[0])) {
            assertThat(System.nanoTime()).as("the loop is still there").isLessThan(end);
            System.gc();
            Thread.onSpinWait();
        }
        log.await(message -> message.contains("was never closed"));
    }

    private SelectorEventLoop runAndAbandon(ObjectName[] name) throws Exception {
        var loop = SelectorEventLoop.builder().build();
        name[0] = nameOf(loop.name());
        OpenLoop open = loop.openLoop();
        open.seenRunning(0);
        open.seenRunning(OpenLoop.BEFORE_REGISTRATION.toNanos() - 1);
        assertThat(server.isRegistered(name[0])).isFalse();
        open.seenRunning(OpenLoop.BEFORE_REGISTRATION.toNanos());
        assertThat(server.isRegistered(name[0])).isTrue();
        return loop;
    }
}
