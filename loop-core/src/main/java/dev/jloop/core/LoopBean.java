package dev.jloop.core;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Objects;

import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.ObjectName;

/// The MXBean of one loop, which it does not keep alive.
final class LoopBean implements EventLoopMXBean {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

    private final WeakReference<SelectorEventLoop> loop;
    private final String name;
    private final ObjectName objectName;

    private LoopBean(WeakReference<SelectorEventLoop> loop, String name, ObjectName objectName) {
        this.loop = loop;
        this.name = name;
        this.objectName = objectName;
    }

    /// {@return the bean, registered; null if JMX refused it, which was logged}
    static @Nullable LoopBean register(WeakReference<SelectorEventLoop> loop, String name) {
        var key = "dev.jloop:type=EventLoop,name=" + name;
        try {
            try {
                return register(loop, name, new ObjectName(key));
            } catch (InstanceAlreadyExistsException _) {
                // Another class loader has a jloop of its own, which counts its loops too.
                var loader = System.identityHashCode(LoopBean.class.getClassLoader());
                return register(
                        loop, name, new ObjectName(key + ",loader=" + Integer.toHexString(loader)));
            }
        } catch (JMException failure) {
            LOG.warn("{} cannot be seen through JMX", name, failure);
            return null;
        }
    }

    private static LoopBean register(
            WeakReference<SelectorEventLoop> loop, String name, ObjectName objectName)
            throws JMException {
        var bean = new LoopBean(loop, name, objectName);
        ManagementFactory.getPlatformMBeanServer().registerMBean(bean, objectName);
        return bean;
    }

    void unregister() {
        try {
            ManagementFactory.getPlatformMBeanServer().unregisterMBean(objectName);
        } catch (InstanceNotFoundException _) {
            LOG.debug("somebody else has unregistered {}", objectName);
        } catch (JMException failure) {
            LOG.warn("{} cannot be unregistered", objectName, failure);
        }
    }

    private SelectorEventLoop loop() {
        var current = loop.get();
        if (current == null) {
            throw new IllegalStateException(name + " is gone");
        }
        return current;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public boolean isRunning() {
        return loop().isRunning();
    }

    @Override
    public boolean isDebug() {
        return loop().isDebug();
    }

    @Override
    public String getEngine() {
        return loop().engine().name();
    }

    @Override
    public int getTaskCount() {
        return loop().liveTasks().size();
    }

    @Override
    public long getTurnCount() {
        return loop().turnCount();
    }

    @Override
    public long getCallbackCount() {
        return loop().progress().callbackCount();
    }

    @Override
    public List<TaskInfo> tasks() {
        return TaskTree.capture(loop()).loops().getFirst().tasks().stream()
                .map(LoopBean::openData)
                .toList();
    }

    private static TaskInfo openData(TaskTree.TaskNode task) {
        return new TaskInfo(
                task.id(),
                task.name(),
                task.state().name(),
                task.awaits(),
                task.awaitedTasks(),
                task.since().map(since -> since.toMillis()).orElse(-1L),
                task.frames().stream().map(Objects::toString).toList());
    }

    @Override
    public String taskTree() {
        return TaskTree.capture(loop()).text();
    }

    @Override
    public String taskTreeJson() {
        return TaskTreeJson.of(TaskTree.capture(loop()).loops().getFirst());
    }
}
