package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.core.Task;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import javax.management.MBeanServerDelegate;
import javax.management.MBeanServerNotification;
import javax.management.ObjectName;

/// A program to look into: two tasks that a third one gathers, and two that await each other. It
/// says when the loop can be seen, and ends with its standard input.
final class SampleService {
    private static final String SEEN = "ready to be seen";

    private SampleService() {}

    /// Without a loop if there is an argument.
    public static void main(String[] arguments) throws Exception {
        endWithInput();
        if (arguments.length > 0) {
            System.out.println(SEEN);
            Thread.currentThread().join();
        }
        var server = ManagementFactory.getPlatformMBeanServer();
        server.addNotificationListener(
                MBeanServerDelegate.DELEGATE_NAME,
                (notification, _) -> sayIfItIsALoop((MBeanServerNotification) notification),
                null,
                null);
        Async.run(SampleService::serve);
    }

    private static void endWithInput() {
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    try {
                        System.in.readAllBytes();
                    } catch (java.io.IOException closed) {
                        System.err.println(closed);
                    }
                    Runtime.getRuntime().halt(0);
                });
    }

    private static void sayIfItIsALoop(MBeanServerNotification notification) {
        ObjectName name = notification.getMBeanName();
        if (name.getDomain().equals("dev.jloop")) {
            System.out.println(SEEN);
        }
    }

    private static void serve() {
        var fetches =
                List.of(
                        Async.createTask(SampleService::fetch, "fetch \"a\", first"),
                        Async.createTask(SampleService::fetch, "fetch \u001b[31m b"));
        var circle = new ArrayList<Task<?>>();
        circle.add(Async.createTask(() -> circle.get(1).await(), "egg"));
        circle.add(Async.createTask(() -> circle.get(0).await(), "hen"));
        Async.gather(fetches).await();
    }

    private static void fetch() {
        Async.sleep(Duration.ofHours(1));
    }
}
